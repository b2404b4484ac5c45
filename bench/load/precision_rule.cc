// SPDX-License-Identifier: Apache-2.0
#include "bench/load/precision_rule.h"

#include <cmath>

namespace normbench {

bool PrecisionRule::Done(const Histogram& latencies) {
  if (done_ || latencies.count() < next_) return done_;
  next_ *= 2;
  // Order statistics around the median, by the normal limit of the binomial distribution.
  const double half = 1.96 * 0.5 / std::sqrt(latencies.count());
  const double width = latencies.Quantile(0.5 + half) - latencies.Quantile(0.5 - half);
  done_ = width / 2 <= target_ * latencies.Quantile(0.5);
  return done_;
}

}  // namespace normbench
