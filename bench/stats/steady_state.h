// SPDX-License-Identifier: Apache-2.0
// Where a series stops warming up: MSER-5 (White 1997), the truncation that minimises the standard
// error of what is left, on means of five.
#pragma once

#include <cstddef>
#include <span>

namespace normbench {

struct SteadyState {
  size_t discard = 0;  // values at the beginning that belong to the warm-up
  bool steady =
      false;  // false: the best cut is in the second half, or the series is too short (< 20)
};

SteadyState FindSteadyState(std::span<const double> series);

}  // namespace normbench
