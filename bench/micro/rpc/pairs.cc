// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/pairs.h"

#include <algorithm>

#include "absl/status/status.h"
#include "bench/stats/quantile.h"

namespace normbench {

absl::StatusOr<PairedRatio> RunPairs(int pairs, const Arm& a, const Arm& b) {
  std::vector<double> as, bs, ratios;
  for (int i = 0; i < pairs; ++i) {
    const bool a_first = i % 2 == 0;
    auto first = (a_first ? a : b)();
    if (!first.ok()) return first.status();
    auto second = (a_first ? b : a)();
    if (!second.ok()) return second.status();
    as.push_back(a_first ? *first : *second);
    bs.push_back(a_first ? *second : *first);
    ratios.push_back(as.back() / bs.back());
  }
  for (std::vector<double>* values : {&as, &bs, &ratios}) {
    std::sort(values->begin(), values->end());
  }
  const auto interval = QuantileInterval(ratios, 0.5, 0.95, pairs);
  if (!interval) return absl::InvalidArgumentError("pairs: too few for an interval; at least 6");
  return PairedRatio{.a = NearestRank(as, 0.5),
                     .b = NearestRank(bs, 0.5),
                     .ratio = NearestRank(ratios, 0.5),
                     .low = interval->low,
                     .high = interval->high,
                     .pairs = pairs};
}

std::string JudgeRatio(const PairedRatio& ratio, Better better, double target) {
  const bool lower = better == Better::kLower;
  const bool met = lower ? ratio.ratio <= target : ratio.ratio >= target;
  const bool all_miss = lower ? ratio.low > target : ratio.high < target;
  if (met) return "met";
  return all_miss ? "missed" : "undecided";
}

}  // namespace normbench
