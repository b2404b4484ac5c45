// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/paired_bootstrap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "bench/norm/generator.h"
#include "bench/norm/rank.h"
#include "bench/stats/median.h"

namespace normbench {
namespace {

// As many of the differences as there are, with replacement. A word w picks number w * n / 2^32:
// the odds of two of them differ by at most one in 2^32 / n.
std::vector<double> Resample(std::span<const double> differences, uint64_t seed, uint64_t stream) {
  std::vector<double> resample;
  resample.reserve(differences.size());
  std::array<uint32_t, 4> words{};
  for (size_t i = 0; i < differences.size(); ++i) {
    if (i % words.size() == 0) words = Philox(seed, stream, i / words.size());
    resample.push_back(differences[(words[i % words.size()] * differences.size()) >> 32]);
  }
  return resample;
}

}  // namespace

BootstrapBounds BootstrapMedian(std::span<const double> differences, double alpha, int resamples,
                                uint64_t seed) {
  std::vector<double> medians;
  medians.reserve(static_cast<size_t>(resamples));
  for (int i = 0; i < resamples; ++i) {
    medians.push_back(Median(Resample(differences, seed, static_cast<uint64_t>(i))));
  }
  std::sort(medians.begin(), medians.end());
  // As far from either end: neither side is favoured.
  const auto rank = static_cast<size_t>(NearestRankOf(resamples, alpha));
  return {.low = medians[rank - 1],
          .estimate = Median({differences.begin(), differences.end()}),
          .high = medians[medians.size() - rank]};
}

}  // namespace normbench
