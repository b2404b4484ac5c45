// SPDX-License-Identifier: Apache-2.0
// How many independent values a correlated series is worth.
#pragma once

#include <span>

namespace normbench {

// Effective sample size for the quantile at `threshold`: that of the indicator 1{x > threshold},
// n / (1 + 2 sum of autocorrelations), summed over the initial positive sequence (Geyer 1992). Between
// 1 and n. The indicator, not the mean: a series can have a steady mean and bursts in its tail.
double EffectiveSize(std::span<const double> series, double threshold);

}  // namespace normbench
