// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/replications.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>
#include <cmath>
#include <vector>

namespace normbench {
namespace {

bool IsTime(double value) {
  return std::isfinite(value) && value > 0;
}

}  // namespace

std::optional<Interval> ReplicationInterval(double value, std::span<const double> replications,
                                            double confidence) {
  if (replications.size() < 2 || !IsTime(value)) return std::nullopt;
  if (!std::all_of(replications.begin(), replications.end(), IsTime)) return std::nullopt;
  std::vector<double> logs(replications.size());
  std::transform(replications.begin(), replications.end(), logs.begin(),
                 [](double replication) { return std::log(replication); });
  const auto n = static_cast<double>(logs.size());
  const double variance = boost::math::statistics::sample_variance(logs);
  const boost::math::students_t distribution(n - 1);
  const double t = boost::math::quantile(distribution, (1 + confidence) / 2);
  const double factor = std::exp(t * std::sqrt(variance / n));
  return Interval{value / factor, value * factor};
}

}  // namespace normbench
