// SPDX-License-Identifier: Apache-2.0
// How many independent values a correlated series is worth.
#pragma once

#include <span>

namespace normbench {

// Effective sample size for the quantile at `threshold`: that of the indicator 1{x > threshold},
// n / (1 + 2 sum of autocorrelations), summed over the initial positive sequence (Geyer, Practical
// Markov Chain Monte Carlo, 1992, 3.3). Between 1 and n; n where all values are on one side of the
// threshold. The indicator, not the mean: a series can have a steady mean and bursts in its tail.
// `series` in the order in which it was observed. More than 2^15 values are summed in blocks first,
// so that a long series costs no more than a second; correlation within the blocks and beyond
// counts all the same.
double EffectiveSize(std::span<const double> series, double threshold);

}  // namespace normbench
