// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/holm.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace normbench {

std::vector<double> HolmAdjust(std::span<const double> p) {
  std::vector<size_t> ascending(p.size());
  std::iota(ascending.begin(), ascending.end(), size_t{0});
  std::sort(ascending.begin(), ascending.end(), [p](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  size_t left = p.size();
  for (const size_t i : ascending) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(left--) * p[i]));
    adjusted[i] = largest;
  }
  return adjusted;
}

}  // namespace normbench
