// SPDX-License-Identifier: Apache-2.0
// Many tests at once: Holm, A simple sequentially rejective multiple test procedure (1979).
#pragma once

#include <span>
#include <vector>

namespace normbench {

// Adjusted p values, in the order of `p`: rejecting where they are at most alpha, any wrong
// rejection at all has a probability of at most alpha, however the tests depend on each other.
// REQUIRES: 0 <= p <= 1.
std::vector<double> HolmAdjust(std::span<const double> p);

}  // namespace normbench
