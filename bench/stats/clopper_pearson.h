// SPDX-License-Identifier: Apache-2.0
// The interval of a share that was counted (Clopper & Pearson 1934): exact, so never too short.
#pragma once

#include <cstdint>

#include "bench/stats/quantile.h"

namespace normbench {

// Two-sided interval of the probability that had `successes` in `n` independent trials, each side
// with half of what is left of the confidence. From 0 to 1 where n is 0.
// REQUIRES: 0 <= successes <= n, 0 < confidence < 1.
Interval ClopperPearson(int64_t successes, int64_t n, double confidence);

}  // namespace normbench
