// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/clopper_pearson.h"

#include <boost/math/special_functions/beta.hpp>

namespace normbench {

Interval ClopperPearson(int64_t successes, int64_t n, double confidence) {
  const double tail = (1 - confidence) / 2;
  const auto hits = static_cast<double>(successes);
  const auto misses = static_cast<double>(n - successes);
  return {.low = successes == 0 ? 0 : boost::math::ibeta_inv(hits, misses + 1, tail),
          .high = successes == n ? 1 : boost::math::ibetac_inv(hits + 1, misses, tail)};
}

}  // namespace normbench
