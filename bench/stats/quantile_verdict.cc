// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/quantile_verdict.h"

#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace normbench {
namespace {

// P(at most `over` of n).
double AtMost(double n, double over, double p) {
  return over >= n ? 1 : boost::math::ibetac(over + 1, n - over, p);
}

// P(at least `over` of n).
double AtLeast(double n, double over, double p) {
  return over <= 0 ? 1 : boost::math::ibeta(over, n - over + 1, p);
}

// The smallest whole number of further requests with which `over` may be over: the probability
// falls as there are more.
double Needed(double n, double over, double p, double unlikely) {
  double low = 0;  // too few
  double high = 1;
  while (AtMost(n + high, over, p) > unlikely) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const double middle = low + std::floor((high - low) / 2);
    (AtMost(n + middle, over, p) <= unlikely ? high : low) = middle;
  }
  return high;
}

}  // namespace

QuantileVerdict JudgeQuantile(double n, double over, double q, double confidence) {
  const double p = 1 - q;
  const double unlikely = 1 - confidence;
  if (AtMost(n, over, p) <= unlikely) return {Verdict::kHolds, 0};
  if (AtLeast(n, over, p) <= unlikely) return {Verdict::kFails, 0};
  return {Verdict::kUndecided, Needed(n, over, p, unlikely)};
}

}  // namespace normbench
