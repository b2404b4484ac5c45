// SPDX-License-Identifier: Apache-2.0
// Whether B's answers are worse than A's: judged on the same responses that were timed. Pure.
#pragma once

#include "bench/gate/pair_series.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Worse is: err_scaled over its bound where A's is within, or more than max_error_growth times A's
// (below 1, the roundoff of the result itself, A's counts as 1); more NaN or Inf out of place than
// A has; answers that differ from each other, from those to the sample alone, or predictions from
// those to the image alone by more than rounding explains, where A had none of these in any round
// (lost batch invariance); and a top-1 that McNemar's exact test on the images of the first whole
// pass finds worse at accuracy_alpha. Rounds that do not count for times count here: load does not
// change bits. Answers, and numbers of them, that only one arm has are a note, and so are
// predictions that rounding changed.
v1::AccuracyVerdict JudgeAccuracy(const v1::Policy& policy, const Rounds& rounds);

// What of a result the answers are judged by; without `wrong`.
v1::CellAccuracy AccuracyOf(const v1::CaseResult& result);

}  // namespace normbench
