// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/mcnemar.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>

namespace normbench {

double McNemarP(int64_t only_first, int64_t only_second) {
  const int64_t discordant = only_first + only_second;
  if (discordant <= 0) return 1;
  const boost::math::binomial_distribution<double> fair(static_cast<double>(discordant), 0.5);
  const double fewer = static_cast<double>(std::min(only_first, only_second));
  return std::min(1.0, 2 * boost::math::cdf(fair, fewer));
}

}  // namespace normbench
