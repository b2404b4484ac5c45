// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gate_plan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/policy.h"
#include "bench/report/plan.h"
#include "bench/stats/detectable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Gate {
  v1::Policy policy;
  std::vector<GatedCell> cells;
};

// `rest` is JSON. Four cells unless `keys` says otherwise.
Gate GateOf(const std::string& rest,
            const std::string& keys = R"("service/rms?shape=1x4", "service/rms?shape=2x4",
                                         "service/rms?shape=3x4", "norm/rms?shape=1x4")",
            const std::string& seconds = "") {
  const auto policy = ParsePolicy(absl::StrCat(R"({"version": 1, "name": "g", "cells": [{"key": [)",
                                               keys, "]", seconds, "}]", rest, "}"));
  EXPECT_TRUE(policy.ok()) << policy.status();
  const auto cells = GatedCells(*policy, {});
  EXPECT_TRUE(cells.ok()) << cells.status();
  return {*policy, *cells};
}

std::string ErrorOf(Gate gate) {
  const auto plan = PlanGate(&gate.policy, &gate.cells);
  EXPECT_TRUE(absl::IsInvalidArgument(plan.status())) << plan.status();
  return std::string(plan.status().message());
}

TEST(PlanGate, SharesOutTheDefaultBudget) {
  Gate gate = GateOf("");
  const auto plan = PlanGate(&gate.policy, &gate.cells);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->extension, plan->rounds);
  EXPECT_EQ(plan->confirmation, 12);
  EXPECT_LE(plan->most_seconds, 300);
  EXPECT_GT(plan->most_seconds, 270) << "as much as fits";
  EXPECT_DOUBLE_EQ(plan->most_seconds, plan->visit_seconds * (6 * plan->rounds + 2 * 12));
  EXPECT_DOUBLE_EQ(plan->first_look_seconds, plan->visit_seconds * 3 * plan->rounds);
  EXPECT_DOUBLE_EQ(plan->visit_seconds, kStartSeconds + PlanOf(CasesOf(gate.cells)).seconds);
  EXPECT_EQ(gate.policy.rounds(), plan->rounds) << "the policy says what was done";
  EXPECT_EQ(gate.policy.extension_rounds(), plan->rounds);
  for (const GatedCell& cell : gate.cells) {
    EXPECT_EQ(cell.c.seconds, gate.cells[0].c.seconds);
    EXPECT_GE(cell.c.seconds, 0.1);
    EXPECT_EQ(cell.c.warmup_seconds, std::max(0.1, cell.c.seconds / 4));
  }
}

int RoundsOf(const std::string& rest, const Rehearsal& rehearsal = {}) {
  Gate gate = GateOf(rest);
  const auto plan = PlanGate(&gate.policy, &gate.cells, rehearsal);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? plan->rounds : 0;
}

TEST(PlanGate, TakesTwelveToTwentyRoundsAsTheBudgetAllows) {
  EXPECT_EQ(RoundsOf(R"(, "budget_seconds": 3000)"), 20);
  EXPECT_EQ(RoundsOf(R"(, "budget_seconds": 270)"), 17) << "126 visits of 1.975 s";
  EXPECT_EQ(RoundsOf(R"(, "budget_seconds": 270, "extension_rounds": 6)"), 20);
  EXPECT_EQ(RoundsOf(R"(, "budget_seconds": 180)"), 12) << "shorter cells rather than fewer rounds";
  EXPECT_EQ(RoundsOf(R"(, "rounds": 9)"), 9) << "what the policy says";
}

TEST(PlanGate, BelievesARehearsalMoreThanItsEstimate) {
  EXPECT_EQ(RoundsOf("", {.visit_seconds = 1}), 20);
  EXPECT_EQ(RoundsOf("", {.visit_seconds = 2.2}), 17) << "126 of 2.2 s are 277 s";
  EXPECT_EQ(RoundsOf("", {.visit_seconds = 2.2, .spent_seconds = 12}), 16);
  Gate gate = GateOf(R"(, "rounds": 12)");
  const auto plan = PlanGate(&gate.policy, &gate.cells, {.visit_seconds = 2.5});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_GT(gate.cells[0].c.seconds, 0.15) << "96 of 2.5 s are 240 s";
  EXPECT_GT(plan->visit_seconds, 2.5);
  EXPECT_LE(plan->most_seconds, 300);
  Gate slow = GateOf("");
  EXPECT_THAT(
      std::string(PlanGate(&slow.policy, &slow.cells, {.visit_seconds = 9}).status().message()),
      HasSubstr("it would take a budget of "));
}

// One service cell with so many samples a second.
absl::StatusOr<GatePlan> PlanWith(double rate, Gate* gate) {
  *gate = GateOf("", R"("service/rms?shape=1x4")");
  return PlanGate(&gate->policy, &gate->cells,
                  {.visit_seconds = 0.5, .rate = {{gate->cells[0].c.key, rate}}});
}

TEST(PlanGate, GivesQuantilesTheTimeThatTheyTake) {
  Gate gate;
  ASSERT_TRUE(PlanWith(7000, &gate).ok());
  EXPECT_LT(gate.cells[0].c.seconds, 2);
  ASSERT_TRUE(PlanWith(220, &gate).ok());
  EXPECT_DOUBLE_EQ(gate.cells[0].c.seconds, 1.25 * 368 / 220);
  EXPECT_THAT(std::string(PlanWith(6.9, &gate).status().message()),
              HasSubstr("takes 66.67 s of it to have samples for its p99"));
}

// One service cell: what A and B took and had.
absl::Status ForBoth(const Rehearsal& a, const Rehearsal& b, Gate* gate) {
  return PlanForBoth(&gate->policy, &gate->cells, a, b).status();
}

TEST(PlanForBoth, IsForTheSlowerOne) {
  Gate gate = GateOf("", R"("service/rms?shape=1x4")");
  const std::string key = gate.cells[0].c.key;
  ASSERT_TRUE(ForBoth({.visit_seconds = 0.5, .rate = {{key, 7000}}},
                      {.visit_seconds = 0.5, .rate = {{key, 220}}}, &gate)
                  .ok());
  EXPECT_DOUBLE_EQ(gate.cells[0].c.seconds, 1.25 * 368 / 220);
  EXPECT_GE(gate.policy.rounds(), 12);
}

TEST(PlanForBoth, ASlowBIsNotRefused) {
  const std::string own = R"(, "seconds": 0.1)";
  Gate gate = GateOf("", R"("service/rms?shape=1x4")", own);
  const std::string key = gate.cells[0].c.key;
  const Rehearsal good = {.visit_seconds = 0.5, .rate = {{key, 5000}}};
  const Rehearsal few = {.visit_seconds = 0.5, .rate = {{key, 1000}}};
  const Rehearsal slow = {.visit_seconds = 100, .rate = {{key, 5000}}};
  for (const Rehearsal& bad : {few, slow}) {
    Gate slow_b = gate, slow_a = gate;
    EXPECT_TRUE(ForBoth(good, bad, &slow_b).ok());
    EXPECT_EQ(slow_b.policy.rounds(), 20) << "as if both were as A is";
    EXPECT_TRUE(absl::IsInvalidArgument(ForBoth(bad, good, &slow_a)));
  }
}

TEST(CheckPlan, KnowsWhatNoMachineCanDo) {
  const auto error_of = [](const std::string& rest, const std::string& seconds = "") {
    const Gate gate = GateOf(rest, R"("service/rms?shape=1x4")", seconds);
    return std::string(CheckPlan(gate.policy, gate.cells).message());
  };
  EXPECT_EQ(error_of(""), "");
  EXPECT_EQ(error_of(R"(, "budget_seconds": 20)"), "") << "short cells fit";
  EXPECT_EQ(error_of(R"(, "budget_seconds": 19)"),
            "budget_seconds: 19; the cells last 200 ms, in 96 visits: it would take more than 20");
  EXPECT_THAT(error_of("", R"(, "seconds": 4)"), HasSubstr("budget_seconds: 300; "));
  const Gate open =
      GateOf("", R"("service/rms?shape=1x4&arrivals=poisson:100")", R"(, "seconds": 1)");
  EXPECT_THAT(std::string(CheckPlan(open.policy, open.cells).message()),
              HasSubstr("about 100 samples in its 1 s; p99 takes 444"));
  const Gate answers = GateOf(R"(, "budget_seconds": 10)", R"("invariance/rms?shape=1x4")");
  EXPECT_TRUE(CheckPlan(answers.policy, answers.cells).ok()) << "they have no seconds";
  const Gate four = GateOf(R"(, "rounds": 7, "extension_rounds": 0)");
  EXPECT_THAT(std::string(CheckPlan(four.policy, four.cells).message()),
              HasSubstr("it takes at least 8"));
}

TEST(PlanGate, AtMostTwoSecondsACell) {
  Gate gate = GateOf(R"(, "budget_seconds": 86400)");
  ASSERT_TRUE(PlanGate(&gate.policy, &gate.cells).ok());
  for (const GatedCell& cell : gate.cells) {
    EXPECT_EQ(cell.c.seconds, 2);
    EXPECT_EQ(cell.c.warmup_seconds, 0.5);
  }
}

TEST(PlanGate, KeepsSecondsOfTheirOwn) {
  Gate gate = GateOf("", R"("service/rms?shape=1x4")", R"(, "seconds": 1, "warmup_seconds": 0.5)");
  const auto plan = PlanGate(&gate.policy, &gate.cells);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(gate.cells[0].c.seconds, 1);
  EXPECT_EQ(gate.cells[0].c.warmup_seconds, 0.5);
}

TEST(PlanGate, ABudgetThatIsTooSmallIsToldWhatWouldDo) {
  EXPECT_EQ(
      ErrorOf(GateOf(R"(, "budget_seconds": 150)")),
      "budget_seconds: 150; a visit to all cells takes about 1.70 s, all 96 of them 2m44s: it "
      "would take a budget of 172 with 5 % kept back, or rounds and extension_rounds of 9 "
      "each");
  EXPECT_THAT(ErrorOf(GateOf(R"(, "budget_seconds": 150, "rounds": 40, "extension_rounds": 0)")),
              HasSubstr("or rounds of 19"));
  EXPECT_THAT(
      ErrorOf(GateOf(R"(, "budget_seconds": 100)")),
      HasSubstr("it would take a budget of 172 with 5 % kept back, or fewer or shorter cells"));
}

// The budget and the rounds that `error` names.
Gate Followed(const std::string& error, bool rounds) {
  const std::string word = rounds ? "each" : "a budget of ";
  if (!rounds) {
    const size_t begin = error.find(word) + word.size();
    return GateOf(absl::StrCat(R"(, "budget_seconds": )", std::stoi(error.substr(begin))));
  }
  const std::string before = "extension_rounds of ";
  const int each = std::stoi(error.substr(error.find(before) + before.size()));
  return GateOf(absl::StrCat(R"(, "budget_seconds": 150, "rounds": )", each));
}

TEST(PlanGate, WhatItSuggestsFits) {
  const std::string error = ErrorOf(GateOf(R"(, "budget_seconds": 150)"));
  Gate longer = Followed(error, /*rounds=*/false);
  EXPECT_TRUE(PlanGate(&longer.policy, &longer.cells).ok());
  Gate fewer = Followed(error, /*rounds=*/true);
  EXPECT_TRUE(PlanGate(&fewer.policy, &fewer.cells).ok());
  fewer.policy.set_rounds(fewer.policy.rounds() + 1);
  fewer.policy.set_extension_rounds(fewer.policy.rounds());
  EXPECT_FALSE(PlanGate(&fewer.policy, &fewer.cells).ok()) << "and not one more";
  longer = GateOf(absl::StrCat(R"(, "budget_seconds": )", longer.policy.budget_seconds() - 1));
  EXPECT_FALSE(PlanGate(&longer.policy, &longer.cells).ok());
}

TEST(PlanGate, RoundsThatCanShowNothingAreRefused) {
  // Ten comparisons at 5 %: one in 2^8 is below 0.5 %, one in 2^7 is not.
  EXPECT_EQ(ErrorOf(GateOf(R"(, "rounds": 7, "extension_rounds": 0)")),
            "rounds: 7 with the extension; to tell anything of 10 cells x metrics at alpha 0.05 it "
            "takes at least 8");
  Gate enough = GateOf(R"(, "rounds": 8, "extension_rounds": 0)");
  EXPECT_TRUE(PlanGate(&enough.policy, &enough.cells).ok());
  Gate extended = GateOf(R"(, "rounds": 6)");
  EXPECT_TRUE(PlanGate(&extended.policy, &extended.cells).ok());
  Gate answers = GateOf("", R"("invariance/rms?shape=1x4")");
  EXPECT_TRUE(PlanGate(&answers.policy, &answers.cells).ok()) << "there is nothing to time";
}

TEST(GatePlanLines, SayHowLongAndHowSmall) {
  Gate gate = GateOf("");
  const GatePlan plan = {.rounds = 12,
                         .extension = 12,
                         .confirmation = 8,
                         .visit_seconds = 2.5,
                         .first_look_seconds = 90,
                         .most_seconds = 220};
  const std::string lines = GatePlanLines(gate.policy, plan, gate.cells);
  EXPECT_THAT(lines, StartsWith("plan   10 comparisons, 12 rounds A A' B of about 7.50 s: 1m30s to "
                                "the first look, at most 3m40s of 5m00s\n"));
  EXPECT_THAT(lines,
              HasSubstr(absl::StrFormat("in 24 rounds at noise of 3 %%: +%.1f %%",
                                        100 * DetectableEffect(0.05, 0.03, 24, 0.025 / 10, 0.8))));
  EXPECT_THAT(lines, HasSubstr("; margin 5 %\n"));
  EXPECT_THAT(GatePlanLines(gate.policy, plan, {}), HasSubstr("0 comparisons"));
}

}  // namespace
}  // namespace normbench
