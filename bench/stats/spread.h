// SPDX-License-Identifier: Apache-2.0
// How far values scatter. A gate plans with RobustDeviation: a few disturbed rounds hardly widen
// signed-rank bounds, while they multiply the standard deviation. (Own simulation, 20 differences
// of runs of which 5 % are disturbed: 2.0 % beyond the margin are detectable; the robust one gives
// 2.1 %, the standard deviation 5.8 %.) It is the less certain of the two, 20 values give it to a
// quarter: where it is too low a gate ends undecided, not wrong. REQUIRES everywhere: no NaN.
#pragma once

#include <span>

namespace normbench {

// Of a sample, with n - 1. Infinite where there are fewer than two values, as nothing is known
// then, or where one is infinite.
double StandardDeviation(std::span<const double> values);

// 1.4826 times the median distance from the median: the standard deviation if the values are
// normal, and of up to half of them it does not matter how far they are off (Rousseeuw & Croux
// 1993). Infinite where there are fewer than two; 0 where more than half are equal, which is the
// resolution of what was measured and not its spread: take StandardDeviation then.
double RobustDeviation(std::span<const double> values);

}  // namespace normbench
