// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/doctor/good_findings.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Standard deviations for which 24 rounds are enough, only 40 are, and neither.
constexpr double kFine = 0.04, kLoud = 0.06, kTooLoud = 0.08;

TEST(JudgeTest, AGoodMachineIsFit) {
  const Diagnosis diagnosis = Judge(GoodFindings());
  EXPECT_EQ(diagnosis.fitness, Fitness::kFit);
  EXPECT_EQ(diagnosis.exit_code, ExitCode::kOk);
  EXPECT_EQ(
      diagnosis.conclusion,
      "good enough for a 5 % gate: compute mean: 24 rounds detect +6.97 %, 40 rounds +6.53 %");
  EXPECT_EQ(diagnosis.checks.size(), 12);
  ASSERT_EQ(diagnosis.noise.size(), 2);
  EXPECT_EQ(diagnosis.noise[0].level, CheckLevel::kOk);
}

TEST(JudgeTest, TheNoisiestWorkIsNamed) {
  Findings findings = GoodFindings();
  findings.noise[1].sd = kFine;
  EXPECT_THAT(Judge(findings).conclusion, HasSubstr("gate: round trip mean: 24 rounds"));
}

TEST(JudgeTest, NoiseThatNeedsMoreRoundsIsMarginal) {
  Findings findings = GoodFindings();
  findings.noise[1].sd = kLoud;
  const Diagnosis diagnosis = Judge(findings);
  EXPECT_EQ(diagnosis.noise[1].level, CheckLevel::kWarn);
  EXPECT_EQ(diagnosis.fitness, Fitness::kMarginal);
  EXPECT_EQ(diagnosis.exit_code, ExitCode::kOk);
  EXPECT_THAT(diagnosis.conclusion, StartsWith("marginal for a 5 % gate: round trip mean: "));
}

TEST(JudgeTest, NoiseThatNoRoundsOvercomeIsUnfit) {
  Findings findings = GoodFindings();
  findings.noise[0].sd = kTooLoud;
  const Diagnosis diagnosis = Judge(findings);
  EXPECT_EQ(diagnosis.noise[0].level, CheckLevel::kBad);
  EXPECT_EQ(diagnosis.fitness, Fitness::kUnfit);
  EXPECT_EQ(diagnosis.exit_code, ExitCode::kInconclusive);
  EXPECT_THAT(diagnosis.conclusion, StartsWith("unfit for a 5 % gate: compute mean: "));
}

TEST(JudgeTest, StealAndThrottlingAreMarginalAndThenUnfit) {
  for (auto [steal, throttled, fitness] :
       {std::tuple{0.03, 0.0, Fitness::kMarginal}, std::tuple{0.0, 0.005, Fitness::kMarginal},
        std::tuple{0.06, 0.0, Fitness::kUnfit}, std::tuple{0.0, 0.02, Fitness::kUnfit},
        std::tuple{0.03, 0.02, Fitness::kUnfit}}) {
    Findings findings = GoodFindings();
    findings.window.steal_ratio = steal;
    findings.window.throttled_ratio = throttled;
    EXPECT_EQ(Judge(findings).fitness, fitness) << steal << " " << throttled;
  }
}

TEST(JudgeTest, AllThatIsUnfitIsSaidAndNotWhatOnlyWarns) {
  Findings findings = GoodFindings();
  findings.window.steal_ratio = 0.06;
  findings.window.throttled_ratio = 0.005;
  findings.noise[1].sd = kTooLoud;
  EXPECT_THAT(Judge(findings).conclusion,
              StartsWith("unfit for a 5 % gate: steal 6.00 %; round trip mean: 24 rounds detect"));
  EXPECT_THAT(Judge(findings).conclusion, Not(HasSubstr("throttled")));
}

TEST(JudgeTest, WhatOnlyWarnsLeavesAMachineFit) {
  Findings findings = GoodFindings();
  findings.window.cpu_pressure = 1;
  findings.facts.cpus = 1;
  findings.tuning.governor = "powersave";
  EXPECT_EQ(Judge(findings).fitness, Fitness::kFit);
}

TEST(JudgeTest, TooFewPairsSayNothing) {
  Findings findings = GoodFindings();
  findings.noise[0].pairs = kFewestPairs - 1;
  const Diagnosis diagnosis = Judge(findings);
  EXPECT_EQ(diagnosis.noise[0].level, CheckLevel::kUnknown);
  EXPECT_EQ(diagnosis.noise[0].detectable_most, std::nullopt);
  EXPECT_EQ(diagnosis.fitness, Fitness::kUnknown);
  EXPECT_EQ(diagnosis.exit_code, ExitCode::kInconclusive);
  EXPECT_THAT(diagnosis.conclusion, StartsWith("unknown: the noise floor needs 8 pairs"));

  findings.noise.clear();
  EXPECT_EQ(Judge(findings).fitness, Fitness::kUnknown);
}

TEST(JudgeTest, UnfitIsKnownWithoutTheNoiseFloorAndMarginalIsNot) {
  Findings findings = GoodFindings();
  findings.noise.clear();
  findings.window.steal_ratio = 0.06;
  EXPECT_EQ(Judge(findings).fitness, Fitness::kUnfit);
  findings.window.steal_ratio = 0.03;
  EXPECT_EQ(Judge(findings).fitness, Fitness::kUnknown);
}

TEST(JudgeTest, AnInterruptionIsSaidByTheExitCode) {
  Findings findings = GoodFindings();
  findings.interrupted = true;
  EXPECT_EQ(Judge(findings).exit_code, ExitCode::kInterrupted);
  EXPECT_EQ(Judge(findings).fitness, Fitness::kFit);
  findings.window.steal_ratio = 1;
  EXPECT_EQ(Judge(findings).exit_code, ExitCode::kInterrupted);
}

TEST(JudgeTest, FitnessHasNames) {
  EXPECT_EQ(Name(Fitness::kUnknown), "unknown");
  EXPECT_EQ(Name(Fitness::kFit), "fit");
  EXPECT_EQ(Name(Fitness::kMarginal), "marginal");
  EXPECT_EQ(Name(Fitness::kUnfit), "unfit");
}

}  // namespace
}  // namespace normbench
