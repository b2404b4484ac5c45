// SPDX-License-Identifier: Apache-2.0
// One metric of one cell: what the paired differences say, before other cells are looked at.
#pragma once

#include <cstdint>

#include "bench/gate/pair_series.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct JudgeOptions {
  double alpha = 0.05;     // of this look
  int comparisons = 1;     // cells x metrics that are judged together
  int planned_rounds = 1;  // with the extension
  uint64_t seed = 1;       // of the bootstrap
};

// Fills everything but verdict, confirmation and more_rounds; p values are not adjusted yet.
// Without rounds p values are 1.
void JudgeMetric(const PairSeries& series, const JudgeOptions& options, v1::CellVerdict* verdict);

// The verdict, once p_regressed and p_improved are adjusted; where it is INCONCLUSIVE how many
// rounds more it would take, were noise and effect as they look.
void Decide(const PairSeries& series, double alpha, v1::CellVerdict* verdict);

}  // namespace normbench
