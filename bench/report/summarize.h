// SPDX-License-Identifier: Apache-2.0
// What was measured -> CaseResult. Pure: expectations are judged and warnings are coded here,
// printing and exit codes come later.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "bench/load/closed_loop.h"
#include "bench/load/open_loop.h"
#include "bench/load/outputs.h"
#include "bench/report/case.h"
#include "bench/report/visits.h"
#include "normbench/v1/measure.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// A kernel case. The result's spec is the one the server says it ran; its key stays that of the
// case. `kept`, here and below, gets what CombineVisits needs of it; may be null.
v1::CaseResult SummarizeKernel(const Case& c, const v1::MeasureResult& measured,
                               Kept* kept = nullptr);

// An invariance case; likewise. NB125 where not all answers have the same bits.
v1::CaseResult SummarizeInvariance(const Case& c, const v1::InvarianceResult& found);

// What the loop of a service or model case gave, closed or open. Accuracy is computed by
// CompareNormAnswers or CompareModelAnswers; absent: not compared.
struct LoopMeasurement {
  const LoopResult* loop = nullptr;       // this one
  const OpenLoopResult* open = nullptr;   // or that one
  const OutputLedger* outputs = nullptr;  // null: not kept
  const v1::NormAccuracy* norm_accuracy = nullptr;
  const v1::ModelAccuracy* model_accuracy = nullptr;
  const v1::BatchingAccuracy* batching = nullptr;      // by CompareByFormedBatch
  const v1::FindMax* find_max = nullptr;               // how the rate was found
  std::optional<double> maximum_per_s = std::nullopt;  // that shares are of
};

// A service or model case. The warm-up that MSER-5 finds in the throughput of a closed loop is
// discarded on top of the loop's own. Status: ok, failed (lost, with what was measured until then)
// or interrupted.
v1::CaseResult SummarizeLoop(const Case& c, const LoopMeasurement& measured, Kept* kept = nullptr);

// A case that could not be measured, with its reason; every expectation of it is missed.
v1::CaseResult FailedCase(const Case& c, const absl::Status& why);

// A case that the run ended before; no expectation of it holds.
v1::CaseResult SkippedCase(const Case& c);

}  // namespace normbench
