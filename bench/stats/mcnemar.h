// SPDX-License-Identifier: Apache-2.0
// Are two classifiers equally often right on the same images? McNemar's exact test (1947).
#pragma once

#include <cstdint>

namespace normbench {

// Two-sided exact p value from the discordant pairs: `only_first` images that only the first one
// got right, `only_second` likewise. 1 where there are none.
double McNemarP(int64_t only_first, int64_t only_second);

}  // namespace normbench
