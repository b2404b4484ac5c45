// SPDX-License-Identifier: Apache-2.0
// How far values scatter. A gate plans with RobustDeviation: signed-rank bounds hardly widen for a
// few rounds that were disturbed, while the standard deviation does (own simulation, 20 differences
// of pairs of which each run is disturbed in 5 %: detectable 2.0 % beyond the margin; 2.1 % by
// the robust one, 5.8 % by the standard deviation). It is the less certain of the two, 20 values
// give it to a quarter: a gate that trusts a low one ends undecided, not wrong.
#pragma once

#include <span>

namespace normbench {

// Of a sample, with n - 1. Infinite where there are fewer than two values, as nothing is known
// then, or where one is infinite. REQUIRES: no NaN.
double StandardDeviation(std::span<const double> values);

// 1.4826 times the median distance from the median: the standard deviation if the values are
// normal, and of up to half of them it does not matter how far they are off (Rousseeuw & Croux
// 1993). Infinite where there are fewer than two; 0 where more than half are equal, which is the
// resolution of what was measured and not its spread: take StandardDeviation then.
double RobustDeviation(std::span<const double> values);

}  // namespace normbench
