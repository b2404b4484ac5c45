// SPDX-License-Identifier: Apache-2.0
// Is a difference small enough to be none? Two one-sided tests (Schuirmann 1987), here signed-rank
// tests (signed_rank.h).
#pragma once

#include <span>

namespace normbench {

// p of "the centre of `differences` is not between `low` and `high`": at most alpha where it is
// shown to lie between them. REQUIRES: low < high, no NaN.
double TostP(std::span<const double> differences, double low, double high);

}  // namespace normbench
