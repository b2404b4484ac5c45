// SPDX-License-Identifier: Apache-2.0
// The median that treats both signs alike, infinite values included. quantile.h's is one of the
// values: of two in the middle the lower.
#pragma once

#include <vector>

namespace normbench {

// Halfway between `a` and `b`; `opposite` where one is -inf and the other +inf, which are halfway
// nowhere. REQUIRES: no NaN.
double Midpoint(double a, double b, double opposite);

// Of an even number the midpoint of the two in the middle, 0 if these are -inf and +inf.
// REQUIRES: not empty, no NaN.
double Median(std::vector<double> values);

}  // namespace normbench
