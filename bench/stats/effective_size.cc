// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/effective_size.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace normbench {
namespace {

constexpr size_t kMostBlocks = size_t{1} << 15;

// How many of each `block` values are above `threshold`. Values after the last whole block are left
// out.
std::vector<double> CountAbove(std::span<const double> series, double threshold, size_t block) {
  std::vector<double> counts(series.size() / block);
  for (size_t i = 0; i < counts.size() * block; ++i) counts[i / block] += series[i] > threshold;
  return counts;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Divided by n, not by n - lag: only then is the sequence of covariances positive definite.
double Autocovariance(const std::vector<double>& centred, size_t lag) {
  double sum = 0;
  for (size_t i = lag; i < centred.size(); ++i) sum += centred[i] * centred[i - lag];
  return sum / static_cast<double>(centred.size());
}

// Of the mean, times n: autocovariances of both signs of the lag, in pairs while they are positive.
double LongRunVariance(const std::vector<double>& centred) {
  double sum = -Autocovariance(centred, 0);
  for (size_t lag = 0; lag + 1 < centred.size(); lag += 2) {
    const double pair = Autocovariance(centred, lag) + Autocovariance(centred, lag + 1);
    if (pair <= 0) break;
    sum += 2 * pair;
  }
  return sum;
}

}  // namespace

double EffectiveSize(std::span<const double> series, double threshold) {
  const double n = static_cast<double>(series.size());
  if (series.size() < 2) return n;
  const size_t block = (series.size() + kMostBlocks - 1) / kMostBlocks;
  std::vector<double> counts = CountAbove(series, threshold, block);
  const double mean = Mean(counts);
  const double share = mean / static_cast<double>(block);
  for (double& count : counts) count -= mean;
  const double if_independent = static_cast<double>(block) * share * (1 - share);
  const double variance = LongRunVariance(counts);
  if (if_independent <= 0 || variance <= 0) return n;
  return std::clamp(n * if_independent / variance, 1.0, n);
}

}  // namespace normbench
