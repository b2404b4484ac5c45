// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/steady_state.h"

#include <limits>
#include <vector>

namespace normbench {
namespace {

constexpr size_t kBatch = 5;

// A few means in a row vary little by chance; a cut that leaves no more means nothing.
constexpr size_t kFewest = 10;
static_assert(kShortestTested / kBatch >= 2 * kFewest);

std::vector<double> BatchMeans(std::span<const double> series) {
  std::vector<double> means(series.size() / kBatch);
  for (size_t i = 0; i < means.size() * kBatch; ++i) means[i / kBatch] += series[i] / kBatch;
  return means;
}

// The cut that minimises sum of squares / count^2 of the means after it, found backwards with the
// recurrence of Welford (1962). Of equal ones the earliest. REQUIRES: at least kFewest means.
size_t BestCut(const std::vector<double>& means) {
  const size_t latest = means.size() - kFewest;
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
  if (series.size() < kShortestTested) return {};
  const std::vector<double> means = BatchMeans(series);
  const size_t cut = BestCut(means);
  if (2 * cut >= means.size()) return {.steadiness = Steadiness::kNotSteady, .discard = 0};
  return {.steadiness = Steadiness::kSteady, .discard = cut * kBatch};
}

}  // namespace normbench
