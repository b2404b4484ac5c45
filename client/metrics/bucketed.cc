// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/bucketed.h"

#include <algorithm>

namespace normbench {

void Bucketed::Add(double value) {
  const auto edge = std::lower_bound(edges_.begin(), edges_.end(), value);
  counts_[static_cast<size_t>(edge - edges_.begin())] += 1;
  sum_ += value;
}

void Bucketed::MoveTo(prometheus::Histogram& histogram) {
  histogram.ObserveMultiple(counts_, sum_);
  std::fill(counts_.begin(), counts_.end(), 0);
  sum_ = 0;
}

}  // namespace normbench
