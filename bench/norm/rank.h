// SPDX-License-Identifier: Apache-2.0
// The one definition of a quantile's rank, for raw samples and for histograms: nearest rank.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace normbench {

// Returns ceil(n * q), counted from 1. REQUIRES: n >= 1, 0 < q <= 1. A product that misses a whole
// number by rounding only counts as that number: 100 * 0.07 is 7.000000000000001 in binary.
inline int64_t NearestRankOf(int64_t n, double q) {
  const double rank = std::ceil(static_cast<double>(n) * q * (1 - 1e-12));
  return std::clamp(static_cast<int64_t>(rank), int64_t{1}, n);
}

}  // namespace normbench
