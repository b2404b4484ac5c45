// SPDX-License-Identifier: Apache-2.0
// Quantiles by nearest rank and their distribution-free intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace normbench {

struct Interval {
  double low = 0;
  double high = 0;
};

// Value number ceil(n * q) of `sorted`, counted from 1. REQUIRES: not empty, 0 < q <= 1, ascending.
double NearestRank(std::span<const double> sorted, double q);

// Ranks of order statistics, counted from 1.
struct RankInterval {
  int64_t low = 0;
  int64_t high = 0;
};

// Two-sided interval for the q quantile of `n` values, from order statistics l < u with
// P(X_(l) <= Q < X_(u)) >= confidence by the binomial distribution, for `effective` independent
// values among the n (ranks are scaled by effective / n). Nothing where no such pair exists: at 95
// % p99 needs 368 values, p99.9 needs 3688: each tail has half of what is left of the confidence.
// Source: Conover, Practical Nonparametric Statistics, 3.2; Hahn & Meeker, Statistical
// Intervals, 5.2.
std::optional<RankInterval> QuantileRanks(int64_t n, double q, double confidence, double effective);

// The same as values of `sorted`.
std::optional<Interval> QuantileInterval(std::span<const double> sorted, double q,
                                         double confidence, double effective);

// The smallest number of independent values for which QuantileInterval gives one.
// REQUIRES: 0 < q < 1, 0 < confidence < 1.
int64_t SamplesNeeded(double q, double confidence);

}  // namespace normbench
