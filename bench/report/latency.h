// SPDX-License-Identifier: Apache-2.0
// Samples -> LatencySummary: nearest rank, order-statistic intervals at 95 %, effective sample size
// from the indicator 1{x > q}. A quantile that n cannot carry is absent; one that only n_eff cannot
// carry has no interval. +inf stands for a request that failed; it counts in n and in the ranks.
// Definitions: README.md here.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "bench/load/histogram.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

inline constexpr double kConfidence = 0.95;  // of every interval

// Of so many samples a quantile is said, as what was seen; whether it would be seen again is what
// the interval is for, which needs independent ones.
bool Carries(double n, double q);

// `seconds` in the order in which they were taken (the order carries the autocorrelation); may
// contain +inf. `loop` is closed | open | none.
v1::LatencySummary SummarizeLatency(std::span<const double> seconds, const std::string& loop);

// So many raw samples are enough to say how correlated a longer series is.
inline constexpr size_t kPrefixSamples = size_t{1} << 18;

struct HistogramLatency {
  const Histogram* successes = nullptr;
  double failures = 0;             // count as +inf
  std::span<const double> prefix;  // the first raw samples, for the effective size
  std::string loop;
};

// The same from a histogram, for runs longer than the raw samples kept: no min, mean, max.
v1::LatencySummary SummarizeHistogram(const HistogramLatency& input);

void AddHistogram(const Histogram& histogram, v1::LatencySummary* summary);

}  // namespace normbench
