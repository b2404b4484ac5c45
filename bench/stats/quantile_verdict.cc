// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/quantile_verdict.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>

namespace normbench {
namespace {

// P(at most `over` of n).
double AtMost(int64_t n, int64_t over, double p) {
  if (over >= n) return 1;
  const boost::math::binomial_distribution<double> binomial(static_cast<double>(n), p);
  return boost::math::cdf(binomial, static_cast<double>(over));
}

// P(at least `over` of n).
double AtLeast(int64_t n, int64_t over, double p) {
  if (over <= 0) return 1;
  const boost::math::binomial_distribution<double> binomial(static_cast<double>(n), p);
  return boost::math::cdf(boost::math::complement(binomial, static_cast<double>(over - 1)));
}

// The smallest number of requests of which `over` may be over. Falls from 1 as n grows.
int64_t Needed(int64_t n, int64_t over, double p, double unlikely) {
  int64_t low = n;  // too few
  int64_t high = std::max<int64_t>(1, 2 * n);
  while (AtMost(high, over, p) > unlikely) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (AtMost(middle, over, p) <= unlikely ? high : low) = middle;
  }
  return high;
}

}  // namespace

QuantileVerdict JudgeQuantile(int64_t n, int64_t over, double q, double confidence) {
  const double p = 1 - q;
  const double unlikely = 1 - confidence;
  if (AtMost(n, over, p) <= unlikely) return {Verdict::kHolds, 0};
  if (AtLeast(n, over, p) <= unlikely) return {Verdict::kFails, 0};
  return {Verdict::kUndecided, Needed(n, over, p, unlikely) - n};
}

}  // namespace normbench
