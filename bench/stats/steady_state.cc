// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/steady_state.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace normbench {
namespace {

constexpr size_t kBatch = 5;
constexpr size_t kShortest = 20;

// The last few means vary little by chance; a cut among them means nothing.
constexpr size_t kFewest = 5;

std::vector<double> BatchMeans(std::span<const double> series) {
  std::vector<double> means(series.size() / kBatch);
  for (size_t i = 0; i < means.size() * kBatch; ++i) means[i / kBatch] += series[i] / kBatch;
  return means;
}

// The cut that minimises sum of squares / count^2 of the means after it, found backwards with the
// recurrence of Welford (1962). Of equal ones the earliest.
size_t BestCut(const std::vector<double>& means) {
  const size_t latest = std::max(means.size() - std::min(kFewest, means.size()), means.size() / 2);
  size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  double mean = 0;
  double squares = 0;
  for (size_t cut = means.size(); cut-- > 0;) {
    const double count = static_cast<double>(means.size() - cut);
    const double delta = means[cut] - mean;
    mean += delta / count;
    squares += delta * (means[cut] - mean);
    const double mser = squares / (count * count);
    if (cut <= latest && mser <= least) {
      least = mser;
      best = cut;
    }
  }
  return best;
}

}  // namespace

SteadyState FindSteadyState(std::span<const double> series) {
  if (series.size() < kShortest) return {};
  const std::vector<double> means = BatchMeans(series);
  const size_t cut = BestCut(means);
  return {.discard = cut * kBatch, .steady = cut < (means.size() + 1) / 2};
}

}  // namespace normbench
