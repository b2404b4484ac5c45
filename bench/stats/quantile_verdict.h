// SPDX-License-Identifier: Apache-2.0
// Is a quantile at or below a limit? Counted, not estimated: of n requests `over` took longer, and
// each does so with probability 1 - q where the quantile is just at the limit. The rule of MLPerf
// LoadGen's early stopping, with the binomial distribution for what it approximates, and both ways.
#pragma once

namespace normbench {

enum class Verdict {
  kHolds,     // were the quantile above the limit, so few over it would be unlikely
  kFails,     // were it at or below, so many would be
  kUndecided  // n is too small for either
};

struct QuantileVerdict {
  Verdict verdict = Verdict::kUndecided;
  // Undecided: so many further requests, none of them over the limit, and it holds. Else 0.
  double more = 0;
};

// The verdict "q quantile <= limit" where unlikely means a probability of at most 1 - confidence.
// `n` is how many independent requests there were (effective_size.h), `over` the share of these
// that took longer: neither needs to be whole, since the binomial distribution is taken as the
// incomplete beta function. `more` is whole. REQUIRES: 0 <= over <= n, 0 < q < 1, 0 < confidence
// < 1.
QuantileVerdict JudgeQuantile(double n, double over, double q, double confidence);

}  // namespace normbench
