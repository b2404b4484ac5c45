// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/spread.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "bench/stats/median.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 1 / the third quartile of the standard normal distribution.
constexpr double kNormalPerMedianDistance = 1.482602218505602;

}  // namespace

double StandardDeviation(std::span<const double> values) {
  const bool finite =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  if (values.size() < 2 || !finite) return kInfinity;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (n - 1));
}

double RobustDeviation(std::span<const double> values) {
  if (values.size() < 2) return kInfinity;
  std::vector<double> distances(values.begin(), values.end());
  const double median = Median(distances);
  if (!std::isfinite(median)) return kInfinity;
  for (double& distance : distances) distance = std::abs(distance - median);
  return kNormalPerMedianDistance * Median(distances);
}

}  // namespace normbench
