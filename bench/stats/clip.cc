// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/clip.h"

#include <algorithm>

#include "bench/stats/quantile.h"

namespace normbench {

std::vector<double> ClipOutliers(std::span<const double> series) {
  if (series.empty()) return {};
  const std::span<const double> second_half = series.subspan(series.size() / 2);
  std::vector<double> sorted(second_half.begin(), second_half.end());
  std::sort(sorted.begin(), sorted.end());
  const double low = NearestRank(sorted, 0.05);
  const double high = NearestRank(sorted, 0.95);
  const double margin = (high - low) / 4;
  std::vector<double> clipped;
  clipped.reserve(series.size());
  for (const double value : series) {
    clipped.push_back(std::clamp(value, low - margin, high + margin));
  }
  return clipped;
}

}  // namespace normbench
