// SPDX-License-Identifier: Apache-2.0
#include "client/fault_outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

FaultOutcome Of(ExitCode expected, const std::string& verdict, ExitCode got) {
  v1::Comparison comparison;
  comparison.set_verdict(verdict);
  comparison.set_why("the reason");
  comparison.set_exit_code(static_cast<int32_t>(got));
  return OutcomeOf(expected, comparison);
}

TEST(FaultOutcomeTest, TheRightVerdictIsOk) {
  const FaultOutcome noticed = Of(ExitCode::kExpectation, "REGRESSED", ExitCode::kExpectation);
  EXPECT_EQ(noticed.code, ExitCode::kOk);
  EXPECT_EQ(noticed.text, "REGRESSED, exit 3");
  EXPECT_EQ(Of(ExitCode::kOk, "OK", ExitCode::kOk).code, ExitCode::kOk);
}

TEST(FaultOutcomeTest, OkOfAFaultIsWrong) {
  for (const ExitCode expected :
       {ExitCode::kExpectation, ExitCode::kAccuracy, ExitCode::kClientLimited}) {
    const FaultOutcome missed = Of(expected, "OK", ExitCode::kOk);
    EXPECT_EQ(missed.code, ExitCode::kExpectation);
    EXPECT_EQ(missed.text, "OK, exit 0  WRONG: the reason");
  }
}

TEST(FaultOutcomeTest, SoIsAFaultThatIsNotThere) {
  EXPECT_EQ(Of(ExitCode::kOk, "REGRESSED", ExitCode::kExpectation).code, ExitCode::kExpectation);
  EXPECT_EQ(Of(ExitCode::kExpectation, "ACCURACY", ExitCode::kAccuracy).code,
            ExitCode::kExpectation);
}

TEST(FaultOutcomeTest, WhatCannotBeToldIsNotWrong) {
  const FaultOutcome open = Of(ExitCode::kExpectation, "INCONCLUSIVE", ExitCode::kInconclusive);
  EXPECT_EQ(open.code, ExitCode::kInconclusive);
  EXPECT_THAT(open.text, HasSubstr("INCONCLUSIVE, exit 5  the reason"));
  EXPECT_THAT(open.text, Not(HasSubstr("WRONG")));
  EXPECT_EQ(Of(ExitCode::kExpectation, "CONFIGURATION", ExitCode::kUsage).code,
            ExitCode::kInconclusive)
      << "the machine is too slow for it";
}

TEST(FaultOutcomeTest, WhatEndsIt) {
  EXPECT_EQ(Of(ExitCode::kOk, "FAILED", ExitCode::kTransport).code, ExitCode::kTransport);
  EXPECT_EQ(Of(ExitCode::kOk, "INTERRUPTED", ExitCode::kInterrupted).code, ExitCode::kInterrupted);
}

ExitCode Worst(std::initializer_list<ExitCode> codes) {
  return WorstOutcome({codes.begin(), codes.size()});
}

TEST(WorstOutcomeTest, NoOtherFaultExcusesAGateThatIsWrong) {
  EXPECT_EQ(Worst({}), ExitCode::kOk);
  EXPECT_EQ(Worst({ExitCode::kOk, ExitCode::kInconclusive}), ExitCode::kInconclusive);
  EXPECT_EQ(Worst({ExitCode::kInconclusive, ExitCode::kExpectation, ExitCode::kOk}),
            ExitCode::kExpectation);
  EXPECT_EQ(Worst({ExitCode::kExpectation, ExitCode::kTransport}), ExitCode::kExpectation);
  EXPECT_EQ(Worst({ExitCode::kInconclusive, ExitCode::kTransport}), ExitCode::kTransport);
  EXPECT_EQ(Worst({ExitCode::kExpectation, ExitCode::kInterrupted, ExitCode::kTransport}),
            ExitCode::kInterrupted);
}

}  // namespace
}  // namespace normbench
