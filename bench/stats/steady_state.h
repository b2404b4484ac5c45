// SPDX-License-Identifier: Apache-2.0
// Where a series stops warming up: MSER-5 (White 1997), the truncation that minimises the standard
// error of what is left, on means of five.
#pragma once

#include <cstddef>
#include <span>

namespace normbench {

enum class Steadiness {
  kNotTested,  // fewer than kShortestTested values: the test would be a coin toss
  kSteady,
  kNotSteady,  // the best cut is in the second half
};

inline constexpr size_t kShortestTested = 200;

struct SteadyState {
  Steadiness steadiness = Steadiness::kNotTested;
  size_t discard = 0;  // values at the beginning that belong to the warm-up; 0 unless kSteady
};

// One outlier can be most of the variance of a series and so decide the cut: clip times first
// (clip.h).
SteadyState FindSteadyState(std::span<const double> series);

}  // namespace normbench
