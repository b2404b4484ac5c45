// SPDX-License-Identifier: Apache-2.0
// What became of the expectations of a report: counts, the misses, and which case to repeat.
#pragma once

#include <string>
#include <vector>

#include "normbench/v1/report.pb.h"

namespace normbench {

struct Miss {
  const v1::CaseResult* result = nullptr;
  const v1::Expectation* expectation = nullptr;
};

// Points into the report.
struct ExpectSummary {
  int all = 0;
  int hold = 0;
  int skipped = 0;  // of cases that the run ended before
  std::vector<Miss> missed;
};

ExpectSummary SummarizeExpect(const v1::Report& report);

// "6 of 9 hold, 1 skipped", "none".
std::string HoldWords(const ExpectSummary& summary);

// What a reader would want to repeat: the first miss, else the first case that failed or has wrong
// answers, else the first case; null for no cases.
const v1::CaseResult* RerunCase(const v1::Report& report, const ExpectSummary& summary);

}  // namespace normbench
