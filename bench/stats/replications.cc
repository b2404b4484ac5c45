// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/replications.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

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
  const auto n = static_cast<double>(replications.size());
  double squares = 0;
  for (const double replication : replications)
    squares += std::pow(std::log(replication / value), 2);
  const double variance = squares / (n - 1);
  const boost::math::students_t distribution(n - 1);
  const double t = boost::math::quantile(distribution, (1 + confidence) / 2);
  const double factor = std::exp(t * std::sqrt(variance / n));
  return Interval{value / factor, value * factor};
}

}  // namespace normbench
