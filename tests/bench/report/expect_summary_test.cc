// SPDX-License-Identifier: Apache-2.0
#include "bench/report/expect_summary.h"

#include "gtest/gtest.h"

namespace normbench {
namespace {

v1::CaseResult* Add(const std::string& status, bool holds, v1::Report* report) {
  v1::CaseResult* result = report->add_cases();
  result->set_status(status);
  result->add_expectations()->set_holds(holds);
  return result;
}

TEST(ExpectSummary, CountsEachOnce) {
  v1::Report report;
  Add("ok", true, &report);
  Add("ok", false, &report);
  Add("failed", false, &report);
  Add("skipped", false, &report);
  const ExpectSummary summary = SummarizeExpect(report);
  EXPECT_EQ(HoldWords(summary), "1 of 4 hold, 1 skipped");
  ASSERT_EQ(summary.missed.size(), 2u);
  EXPECT_EQ(summary.missed[0].result, &report.cases(1));
  EXPECT_EQ(summary.missed[0].expectation, &report.cases(1).expectations(0));
  EXPECT_EQ(HoldWords({}), "none");
}

TEST(ExpectSummary, RepeatsTheMissThenTheWrongAnswerThenTheFirst) {
  v1::Report report;
  EXPECT_EQ(RerunCase(report, {}), nullptr);
  Add("ok", true, &report);
  EXPECT_EQ(RerunCase(report, SummarizeExpect(report)), &report.cases(0));
  report.add_cases()->mutable_norm_accuracy()->set_err_scaled(1);  // above its bound, 0
  EXPECT_EQ(RerunCase(report, SummarizeExpect(report)), &report.cases(1));
  Add("ok", false, &report);
  EXPECT_EQ(RerunCase(report, SummarizeExpect(report)), &report.cases(2));
}

TEST(ExpectSummary, RepeatsTheFirstFailure) {
  v1::Report report;
  Add("ok", true, &report);
  report.add_cases()->set_status("failed");
  EXPECT_EQ(RerunCase(report, SummarizeExpect(report)), &report.cases(1));
}

}  // namespace
}  // namespace normbench
