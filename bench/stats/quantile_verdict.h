// SPDX-License-Identifier: Apache-2.0
// Is a quantile at or below a limit? Counted, not estimated: of n requests `over` took longer, and
// each does so with probability 1 - q where the quantile is just at the limit. The rule of MLPerf
// LoadGen's early stopping, with the binomial distribution for what it approximates, and both ways.
#pragma once

#include <cstdint>

namespace normbench {

enum class Verdict {
  kHolds,     // were the quantile above the limit, so few over it would be unlikely
  kFails,     // were it at or below, so many would be
  kUndecided  // n is too small for either
};

struct QuantileVerdict {
  Verdict verdict = Verdict::kUndecided;
  // Undecided: so many further requests, none of them over the limit, and it holds. Else 0.
  int64_t more = 0;
};

// The verdict "q quantile <= limit" where unlikely means a probability of at most 1 - confidence.
// Takes the requests as independent; those of a queue are not, which makes it too sure of itself.
// REQUIRES: 0 <= over <= n, 0 < q < 1, 0 < confidence < 1.
QuantileVerdict JudgeQuantile(int64_t n, int64_t over, double q, double confidence);

}  // namespace normbench
