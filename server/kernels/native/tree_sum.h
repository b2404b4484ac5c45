// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace normbench {

// The sum of n values in float64, always in the same order: eight lanes, which need not wait for
// each other, then a tree.
template <typename T>
double TreeSum(const T* values, int64_t n) {
  std::array<double, 8> lanes = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t j = 0; j < 8; ++j)
      lanes[j] += static_cast<double>(values[i + static_cast<int64_t>(j)]);
  }
  for (size_t j = 0; i < n; ++i, ++j) lanes[j] += static_cast<double>(values[i]);
  for (size_t half = 4; half > 0; half /= 2) {
    for (size_t j = 0; j < half; ++j) lanes[j] += lanes[j + half];
  }
  return lanes[0];
}

}  // namespace normbench
