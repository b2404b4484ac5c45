// SPDX-License-Identifier: Apache-2.0
// What a sweep demands of its cases, one comparison each: "p99<20ms", "top1>=0.75",
// "err_scaled<=bound". Grammar: METRIC OP VALUE[UNIT], OP one of < <= > >= == !=, UNIT (latencies
// only, and required there) one of ns us ms s. Metrics: README.md here. Latencies are those of
// latency_all: failures count as infinite.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/report/case.h"

namespace normbench {

struct Expect {
  std::string metric;
  std::string op;
  double value = 0;    // seconds for latencies
  bool bound = false;  // err_scaled only: the case's own derived bound instead of value
};

// Returns INVALID_ARGUMENT with the text, what is wrong with it, and the nearest metric.
absl::StatusOr<Expect> ParseExpect(std::string_view text);

// Returns INVALID_ARGUMENT unless the metric exists for that kind of case (top1 of a kernel does
// not).
absl::Status CheckApplies(const Expect& expect, CaseKind kind);

// A metric that cannot be said (absent, too few samples) does not hold; `observed` says why.
// REQUIRES: ParseExpect(text).ok().
v1::Expectation Judge(std::string_view text, const v1::CaseResult& result);

// Judges each of expect and adds it to result->expectations.
void JudgeAll(const std::vector<std::string>& expect, v1::CaseResult* result);

}  // namespace normbench
