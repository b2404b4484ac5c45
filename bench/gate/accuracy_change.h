// SPDX-License-Identifier: Apache-2.0
// Whether B's answers are worse than A's: judged on the same responses that were timed. Pure.
#pragma once

#include "bench/gate/pair_series.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Worse is: err_scaled over its bound where A's is within, or more than max_error_growth times A's;
// NaN or Inf out of place where A has none; a share of equal bits, or a number of distinct answers,
// that A did not have in any round (lost batch invariance); more flips against each image alone
// than A had; and a top-1 that McNemar's exact test on the images of the first round finds worse at
// accuracy_alpha. Rounds that do not count for times count here: load does not change bits.
v1::AccuracyVerdict JudgeAccuracy(const v1::Policy& policy, const Rounds& rounds);

// What of a result the answers are judged by; without `wrong`.
v1::CellAccuracy AccuracyOf(const v1::CaseResult& result);

}  // namespace normbench
