// SPDX-License-Identifier: Apache-2.0
// BoundNorm::Time for what computes on the CPU while Launch runs.
#pragma once

#include "absl/status/statusor.h"
#include "server/kernels/kernel.h"

namespace normbench {

// Seconds per Launch over `iterations` in a row by the steady clock, or the first error of a
// Launch. REQUIRES: iterations >= 1.
absl::StatusOr<double> TimeLaunches(BoundNorm& norm, int iterations);

}  // namespace normbench
