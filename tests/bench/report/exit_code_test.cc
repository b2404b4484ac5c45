// SPDX-License-Identifier: Apache-2.0
#include "bench/report/exit_code.h"

#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

ExitCode CodeOf(const std::string& text) {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return ExitCodeOf(report);
}

// Strongest first.
std::vector<ExitCode> Order() {
  return {ExitCode::kInterrupted,   ExitCode::kUsage,
          ExitCode::kTransport,     ExitCode::kAccuracy,
          ExitCode::kClientLimited, ExitCode::kInconclusive,
          ExitCode::kExpectation,   ExitCode::kOk};
}

TEST(Worst, FollowsThePrecedence) {
  const std::vector<ExitCode> order = Order();
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<ExitCode> weaker(order.rbegin(), order.rend() - static_cast<long>(i));
    EXPECT_EQ(Worst(weaker), order[i]);
  }
  EXPECT_EQ(Worst({}), ExitCode::kOk);
  EXPECT_EQ(static_cast<int>(ExitCode::kInterrupted), 130);
  EXPECT_EQ(static_cast<int>(ExitCode::kClientLimited), 6);
}

TEST(Worst, OfEveryPairInBothOrders) {
  const std::vector<ExitCode> order = Order();
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = i; j < order.size(); ++j) {
      EXPECT_EQ(Worst(std::vector{order[i], order[j]}), order[i]);
      EXPECT_EQ(Worst(std::vector{order[j], order[i]}), order[i]);
    }
  }
}

// What a report can have at once, strongest first; a comparison is in verdict_test.
TEST(ExitCodeOf, EveryPairOfARunFollowsThePrecedence) {
  struct Condition {
    ExitCode code;
    std::string report;
  };
  const std::vector<Condition> conditions = {
      {ExitCode::kInterrupted, "outcome: 'interrupted' "},
      {ExitCode::kUsage, "cases { status: 'failed' error_code: 'NOT_FOUND' } "},
      {ExitCode::kTransport, "cases { status: 'failed' error_code: 'UNAVAILABLE' } "},
      {ExitCode::kAccuracy, "cases { status: 'ok' expectations { accuracy: true } } "},
      {ExitCode::kClientLimited, "cases { status: 'ok' open_loop { client_limited: true } } "},
      {ExitCode::kExpectation, "cases { status: 'ok' expectations { } } "},
      {ExitCode::kOk, "cases { status: 'ok' } "}};
  for (size_t i = 0; i < conditions.size(); ++i) {
    for (size_t j = i; j < conditions.size(); ++j) {
      EXPECT_EQ(CodeOf("sweep { require_schedule: true } " + conditions[i].report +
                       (i == j ? "" : conditions[j].report)),
                conditions[i].code)
          << i << " and " << j;
    }
  }
}

TEST(ExitCodeOf, AGoodRunIsZero) {
  EXPECT_EQ(CodeOf("outcome: 'complete' cases { status: 'ok' expectations { holds: true } }"),
            ExitCode::kOk);
  EXPECT_EQ(CodeOf("outcome: 'complete'"), ExitCode::kOk);
}

TEST(ExitCodeOf, MissesAreThreeOrFour) {
  EXPECT_EQ(CodeOf("cases { status: 'ok' expectations { holds: false } }"), ExitCode::kExpectation);
  EXPECT_EQ(CodeOf("cases { status: 'ok' expectations { holds: false accuracy: true } }"),
            ExitCode::kAccuracy);
  EXPECT_EQ(CodeOf("cases { expectations { accuracy: true } } cases { expectations { } }"),
            ExitCode::kAccuracy);
}

TEST(ExitCodeOf, WrongNumbersNeedNoExpectation) {
  EXPECT_EQ(CodeOf("cases { norm_accuracy { err_scaled: 4.1 bound: 4 } }"), ExitCode::kAccuracy);
  EXPECT_EQ(CodeOf("cases { norm_accuracy { err_scaled: nan bound: 4 } }"), ExitCode::kAccuracy);
  EXPECT_EQ(CodeOf("cases { norm_accuracy { bound: 4 nonfinite_mismatches: 1 } }"),
            ExitCode::kAccuracy);
  EXPECT_EQ(CodeOf("cases { norm_accuracy { err_scaled: 4 bound: 4 } }"), ExitCode::kOk);
}

TEST(ExitCodeOf, FailedCasesSayWhoseFaultItWas) {
  EXPECT_EQ(CodeOf("cases { status: 'failed' error_code: 'NOT_FOUND' }"), ExitCode::kUsage);
  EXPECT_EQ(CodeOf("cases { status: 'failed' error_code: 'INVALID_ARGUMENT' }"), ExitCode::kUsage);
  EXPECT_EQ(CodeOf("cases { status: 'failed' error_code: 'UNAVAILABLE' }"), ExitCode::kTransport);
  EXPECT_EQ(CodeOf("cases { status: 'failed' error_code: 'INTERNAL' }"), ExitCode::kTransport);
}

TEST(ExitCodeOf, AClientThatLimitsTheRateCountsWhereTheScheduleIsRequired) {
  const std::string limited = "cases { status: 'ok' open_loop { client_limited: true } }";
  EXPECT_EQ(CodeOf(limited), ExitCode::kOk);
  EXPECT_EQ(CodeOf("sweep { require_schedule: true }" + limited), ExitCode::kClientLimited);
  EXPECT_EQ(CodeOf("sweep { require_schedule: true } cases { status: 'ok' open_loop { } }"),
            ExitCode::kOk);
}

TEST(ExitCodeOf, TheOutcomeCounts) {
  EXPECT_EQ(CodeOf("outcome: 'interrupted' cases { status: 'failed' error_code: 'NOT_FOUND' }"),
            ExitCode::kInterrupted);
  EXPECT_EQ(CodeOf("outcome: 'server_lost' cases { expectations { } }"), ExitCode::kTransport);
}

TEST(ExitCodeOf, ASkippedCaseMissesNothing) {
  v1::Report report;
  report.set_outcome("interrupted");
  v1::CaseResult* skipped = report.add_cases();
  skipped->set_status("skipped");
  skipped->add_expectations()->set_accuracy(true);
  EXPECT_EQ(ExitCodeOf(report), ExitCode::kInterrupted);
  report.set_outcome("complete");
  EXPECT_EQ(ExitCodeOf(report), ExitCode::kOk);
}

TEST(DescribeExitCode, HasWordsForEveryCode) {
  EXPECT_EQ(Describe(ExitCode::kOk), "ok");
  EXPECT_EQ(Describe(ExitCode::kAccuracy), "wrong answers");
  EXPECT_EQ(Describe(static_cast<ExitCode>(77)), "unknown");
}

}  // namespace
}  // namespace normbench
