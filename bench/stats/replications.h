// SPDX-License-Identifier: Apache-2.0
// The interval of a number that was found several times over, independently.
#pragma once

#include <optional>
#include <span>

#include "bench/stats/quantile.h"

namespace normbench {

// Two-sided interval around `value` from what each replication found: Student's t with n - 1
// degrees of freedom on the logarithms, since times vary by factors, and on their deviations from
// `value`, which may be another number than their mean (a quantile of all of them together). It has
// whatever differs between the replications in it, not only what differs within them. Nothing with
// fewer than two replications, or where a number is not above 0 and finite. Source: Law, Simulation
// Modeling and Analysis, 9.4.1 (independent replications).
std::optional<Interval> ReplicationInterval(double value, std::span<const double> replications,
                                            double confidence);

}  // namespace normbench
