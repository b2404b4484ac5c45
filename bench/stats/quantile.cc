// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/quantile.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <iterator>

#include "bench/norm/rank.h"

namespace normbench {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

bool IsProportion(double x) {
  return x > 0 && x < 1;
}

// The largest rank l >= 1 with P(B < l) <= tail; 0 if there is none.
int64_t LowerRank(const Binomial& binomial, double tail) {
  int64_t low = 0;
  int64_t high = static_cast<int64_t>(binomial.trials());
  while (low < high) {
    const int64_t middle = low + (high - low + 1) / 2;
    if (boost::math::cdf(binomial, static_cast<double>(middle - 1)) <= tail) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// The smallest rank u <= n with P(B >= u) <= tail; n + 1 if there is none.
int64_t UpperRank(const Binomial& binomial, double tail) {
  int64_t low = 1;
  int64_t high = static_cast<int64_t>(binomial.trials()) + 1;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const double above =
        boost::math::cdf(boost::math::complement(binomial, static_cast<double>(middle - 1)));
    if (above <= tail) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

double NearestRank(std::span<const double> sorted, double q) {
  return sorted[NearestRankOf(static_cast<int64_t>(sorted.size()), q) - 1];
}

std::optional<RankInterval> QuantileRanks(int64_t n, double q, double confidence,
                                          double effective) {
  if (!IsProportion(q) || !IsProportion(confidence) || !(effective >= 1) || n < 1) {
    return std::nullopt;
  }
  const double all = static_cast<double>(n);
  const double independent = std::floor(std::min(effective, all));
  const double tail = (1 - confidence) / 2;
  const Binomial binomial(independent, q);
  const int64_t lower = LowerRank(binomial, tail);
  const int64_t upper = UpperRank(binomial, tail);
  if (lower < 1 || upper > static_cast<int64_t>(independent)) return std::nullopt;
  // From ranks among the independent values to ranks among all, rounded outwards.
  const double scale = all / independent;
  const double low = std::clamp(std::floor(static_cast<double>(lower) * scale), 1.0, all);
  const double high = std::clamp(std::ceil(static_cast<double>(upper) * scale), 1.0, all);
  return RankInterval{static_cast<int64_t>(low), static_cast<int64_t>(high)};
}

std::optional<Interval> QuantileInterval(std::span<const double> sorted, double q,
                                         double confidence, double effective) {
  const auto ranks = QuantileRanks(std::ssize(sorted), q, confidence, effective);
  if (!ranks) return std::nullopt;
  return Interval{sorted[static_cast<size_t>(ranks->low) - 1],
                  sorted[static_cast<size_t>(ranks->high) - 1]};
}

// The extreme order statistics bound the quantile as long as neither all values are below nor all
// are above it: max(q, 1 - q)^n <= tail.
int64_t SamplesNeeded(double q, double confidence) {
  const double tail = (1 - confidence) / 2;
  return static_cast<int64_t>(std::ceil(std::log(tail) / std::log(std::max(q, 1 - q))));
}

}  // namespace normbench
