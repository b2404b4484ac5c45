// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expect_summary.h"

#include "absl/strings/str_cat.h"
#include "bench/report/case_result.h"

namespace normbench {

ExpectSummary SummarizeExpect(const v1::Report& report) {
  ExpectSummary summary;
  for (const v1::CaseResult& result : report.cases()) {
    for (const v1::Expectation& expectation : result.expectations()) {
      ++summary.all;
      if (expectation.holds()) {
        ++summary.hold;
      } else if (result.status() == "skipped") {
        ++summary.skipped;
      } else {
        summary.missed.push_back({&result, &expectation});
      }
    }
  }
  return summary;
}

std::string HoldWords(const ExpectSummary& summary) {
  if (summary.all == 0) return "none";
  return absl::StrCat(summary.hold, " of ", summary.all, " hold",
                      summary.skipped == 0 ? "" : absl::StrCat(", ", summary.skipped, " skipped"));
}

const v1::CaseResult* RerunCase(const v1::Report& report, const ExpectSummary& summary) {
  if (!summary.missed.empty()) return summary.missed.front().result;
  for (const v1::CaseResult& result : report.cases()) {
    if (result.status() == "failed" || IsWrong(result)) return &result;
  }
  return report.cases().empty() ? nullptr : &report.cases(0);
}

}  // namespace normbench
