// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/pairs.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "bench/stats/quantile.h"

namespace normbench {

namespace {

std::vector<double> Sorted(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

absl::StatusOr<PairedRatio> RatioOfPairs(std::span<const double> a, std::span<const double> b) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  std::sort(ratios.begin(), ratios.end());
  const int pairs = static_cast<int>(ratios.size());
  const auto interval = QuantileInterval(ratios, 0.5, 0.95, pairs);
  if (!interval) return absl::InvalidArgumentError("pairs: too few for an interval; at least 6");
  return PairedRatio{.a = NearestRank(Sorted(a), 0.5),
                     .b = NearestRank(Sorted(b), 0.5),
                     .ratio = NearestRank(ratios, 0.5),
                     .low = interval->low,
                     .high = interval->high,
                     .pairs = pairs};
}

absl::StatusOr<PairedRatio> RunPairs(int pairs, const Arm& a, const Arm& b) {
  std::vector<double> as, bs;
  for (int i = 0; i < pairs; ++i) {
    const bool a_first = i % 2 == 0;
    auto first = (a_first ? a : b)();
    if (!first.ok()) return first.status();
    auto second = (a_first ? b : a)();
    if (!second.ok()) return second.status();
    as.push_back(a_first ? *first : *second);
    bs.push_back(a_first ? *second : *first);
  }
  return RatioOfPairs(as, bs);
}

std::string JudgeRatio(const PairedRatio& ratio, Better better, double target) {
  const bool lower = better == Better::kLower;
  const bool met = lower ? ratio.ratio <= target : ratio.ratio >= target;
  const bool all_miss = lower ? ratio.low > target : ratio.high < target;
  if (met) return "met";
  return all_miss ? "missed" : "undecided";
}

}  // namespace normbench
