// SPDX-License-Identifier: Apache-2.0
// What every CaseResult has, however it was measured.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "bench/report/case.h"
#include "bench/stats/steady_state.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// key, kind, spec and rerun of the case.
v1::CaseResult NewCaseResult(const Case& c);

// status failed, with the reason. REQUIRES: !why.ok().
void SetFailure(const absl::Status& why, v1::CaseResult* result);

// Adds `code` unless it is there.
void AddWarning(std::string_view code, v1::CaseResult* result);

// steady, and NB101 where it is false; absent where it was not tested.
void SetSteady(Steadiness steadiness, v1::CaseResult* result);

// Whether something was measured: a case or a visit that failed before it had a request, or was
// skipped, has nothing to show.
bool HasNumbers(const v1::CaseResult& result);

// A schedule that has no request in its window of `seconds` has measured nothing, and nothing would
// say so: the case has failed.
void RefuseNothing(double seconds, v1::CaseResult* result);

// NB102 where the tail has no interval: p90 of kernel cases, p99 of others.
void AddFewSamples(v1::CaseResult* result);

// A sample of a kernel case is the mean of several calls: beyond p90 such would look better than
// single calls are.
void DropTailOfMeans(v1::LatencySummary* summary);

// Those that norm_accuracy and distinct_outputs call for.
void AddNormWarnings(v1::CaseResult* result);

// True if the error is above its derived bound, or not a number.
bool IsOverBound(const v1::NormAccuracy& accuracy);

// True if an answer is wrong whatever is expected: over its bound, or NaN or Inf out of place.
bool IsWrong(const v1::CaseResult& result);

}  // namespace normbench
