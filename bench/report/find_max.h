// SPDX-License-Identifier: Apache-2.0
// The highest rate under a limit, as `--find-max "p99<20ms"` asks for it: rates are tried on open
// loops (bench/load/rate_search.h), each is judged by the count of requests over the limit
// (bench/stats/quantile_verdict.h), and the case is then measured afresh at the highest that holds.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/load/open_loop.h"
#include "bench/report/case.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// At what a rate is taken to hold or not.
inline constexpr double kMaxConfidence = 0.99;

struct MaxGoal {
  std::string text;  // p99<20ms
  double q = 0.99;
  double limit = 0;  // seconds
};

// Returns INVALID_ARGUMENT unless it is a quantile of latency, < or <=, and a time.
absl::StatusOr<MaxGoal> ParseMaxGoal(std::string_view text);

// `c` as an open loop of independent arrivals at `rate`; a closed loop's in_flight becomes the open
// loop's bound, and what ends a case before its time is left out. REQUIRES: not a kernel case.
Case AtRate(const Case& c, double rate);

// Adds what an open loop at step->rate gave, and judges anew. The rate holds where it would with as
// many requests as these are worth independent ones (bench/stats/effective_size.h) and the same
// share of them over the limit; it fails by the plain count. Failed and dropped requests are over
// the limit, ragged ones are left out.
void AddToStep(const OpenLoopResult& loop, const MaxGoal& goal, v1::FindMaxStep* step);

// So many requests that wait for one another as those of `step` hold where none is over the limit.
double RequestsNeeded(const MaxGoal& goal, const v1::FindMaxStep& step);

// Where the rate that was found held, else the lowest rate tried. REQUIRES: found has steps.
const v1::FindMaxStep& ReportedStep(const v1::FindMax& found);

// That a rate holds the limit; REQUIRES: found has steps.
v1::Expectation JudgeFound(const v1::FindMax& found);

// "p99<20ms: 412 requests/s hold, 433 do not; 9 rates tried", what was found. REQUIRES: found has
// steps.
std::string FoundWords(const v1::FindMax& found);

}  // namespace normbench
