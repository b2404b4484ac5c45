// SPDX-License-Identifier: Apache-2.0
// Service cases: every distinct answer against the float64 reference, outside the timed window.
#pragma once

#include <optional>

#include "bench/load/outputs.h"
#include "bench/report/norm_case.h"
#include "normbench/v1/measure.pb.h"

namespace normbench {

// Input i of the ledger is CaseData(spec, shape, distribution, seed, i, format); a payload is y as
// a kernel leaves it. The worst over all answers kept; a payload of the wrong size counts every
// element as a mismatch. Nothing where the ledger holds no answer.
std::optional<v1::NormAccuracy> CompareNormAnswers(const NormProblem& problem,
                                                   const OutputLedger& answers);

}  // namespace normbench
