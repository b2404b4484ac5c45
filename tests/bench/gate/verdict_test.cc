// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/verdict.h"

#include <set>
#include <utility>
#include <vector>

#include "bench/gate/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// 12 good rounds; cell "cell" and another one are OK.
v1::Comparison Fine() {
  auto comparison = Parse<v1::Comparison>(R"(
      policy { alpha: 0.05 rounds: 12 extension_rounds: 12 inconclusive: "exit5" max_detectable: 4 }
      outcome: "complete" looks: 1 accuracy { unchanged: true })");
  *comparison.mutable_rounds() = RoundsOf(Steady(12, 0));
  for (const char* key : {"cell", "other"}) {
    v1::CellVerdict& cell = *comparison.add_cells();
    cell = Parse<v1::CellVerdict>(R"(
        metric: "p50" margin: 0.05 verdict: "OK" rounds: 12 noise_sd: 0.02 detectable: 0.07
        floor: 0.001 floor_low: -0.01 floor_high: 0.01)");
    cell.set_key(key);
  }
  return comparison;
}

// What may be true of a comparison, each with its exit code.
struct Condition {
  const char* name;
  int code;
  void (*make)(v1::Comparison* comparison);
};

void Interrupt(v1::Comparison* comparison) {
  comparison->set_outcome("interrupted");
}

void Open(v1::Comparison* comparison) {
  comparison->mutable_cells(1)->set_verdict("INCONCLUSIVE");
}

void Unsupported(v1::Comparison* comparison) {
  Open(comparison);
  comparison->mutable_cells(1)->set_noise_sd(0.2);
  comparison->mutable_cells(1)->set_detectable(0.21);
}

void Fail(v1::Comparison* comparison) {
  comparison->set_outcome("arm_failed");
  comparison->set_error("B: exited with 1");
}

void AnswerWrongly(v1::Comparison* comparison) {
  comparison->mutable_accuracy()->add_worse("k: wrong");
}

void Limit(v1::Comparison* comparison) {
  for (v1::Round& round : *comparison->mutable_rounds()) {
    for (v1::ArmVisit& visit : *round.mutable_visits()) {
      visit.mutable_cells(0)->set_client_limited(true);
    }
  }
}

void Steal(v1::Comparison* comparison) {
  for (int i = 5; i < 12; ++i) comparison->mutable_rounds(i)->set_why_void("steal 50 %");
}

void Differ(v1::Comparison* comparison) {
  comparison->mutable_cells(0)->set_floor_low(0.04);
}

void Regress(v1::Comparison* comparison) {
  comparison->mutable_cells(0)->set_verdict("REGRESSED");
}

void OpenFails(v1::Comparison* comparison) {
  Open(comparison);
  comparison->mutable_policy()->set_inconclusive("fail");
}

void OpenPasses(v1::Comparison* comparison) {
  Open(comparison);
  comparison->mutable_policy()->set_inconclusive("pass");
}

void Improve(v1::Comparison* comparison) {
  comparison->add_cells()->set_verdict("IMPROVED");
}

// In the order of precedence.
const Condition kConditions[] = {{"interrupted", 130, Interrupt},
                                 {"unsupported", 2, Unsupported},
                                 {"failed", 1, Fail},
                                 {"wrong", 4, AnswerWrongly},
                                 {"limited", 6, Limit},
                                 {"few rounds", 5, Steal},
                                 {"A differs from A'", 5, Differ},
                                 {"open", 5, Open},
                                 {"regressed", 3, Regress},
                                 {"open, which the policy makes fail", 3, OpenFails},
                                 {"open, which the policy lets pass", 0, OpenPasses},
                                 {"improved", 0, Improve}};

int CodeOf(v1::Comparison comparison) {
  Conclude(&comparison);
  EXPECT_NE(comparison.verdict(), "");
  EXPECT_NE(comparison.why(), "");
  return comparison.exit_code();
}

// Pairs that do not meet: an outcome is one of both, and a measurement that ended early, is invalid
// or has convicted says nothing of the policy (exit_code_test has the other pairs). The policy has
// one rule for what is open.
bool CanMeet(const std::string& a, const std::string& b) {
  static const std::set<std::string> kNoPolicy = {
      "interrupted", "failed", "wrong", "limited", "few rounds", "A differs from A'", "regressed"};
  if (a == "interrupted" && b == "failed") return false;
  if (a.starts_with("open, ") && b.starts_with("open, ")) return false;
  if (a == "open" && b.starts_with("open, ")) return false;
  if (a == "open" && b == "regressed") return false;  // a test of its own
  return !(a == "unsupported" && kNoPolicy.contains(b)) &&
         !(b == "unsupported" && kNoPolicy.contains(a));
}

TEST(Conclude, EachConditionAloneHasItsCode) {
  EXPECT_EQ(CodeOf(Fine()), 0);
  for (const Condition& condition : kConditions) {
    v1::Comparison comparison = Fine();
    condition.make(&comparison);
    EXPECT_EQ(CodeOf(comparison), condition.code) << condition.name;
  }
}

TEST(Conclude, EveryPairFollowsThePrecedence) {
  std::set<std::pair<int, int>> met;
  for (const Condition& stronger : kConditions) {
    for (const Condition& weaker : kConditions) {
      if (&weaker <= &stronger || !CanMeet(stronger.name, weaker.name)) continue;
      v1::Comparison comparison = Fine();
      stronger.make(&comparison);
      weaker.make(&comparison);
      EXPECT_EQ(CodeOf(comparison), stronger.code) << stronger.name << " and " << weaker.name;
      met.emplace(stronger.code, weaker.code);
    }
  }
  for (const std::pair<int, int>& pair : std::vector<std::pair<int, int>>{
           {130, 4}, {130, 6}, {130, 5}, {130, 3}, {130, 0}, {2, 5}, {2, 3}, {2, 0},
           {1, 4},   {1, 6},   {1, 5},   {1, 3},   {1, 0},   {4, 6}, {4, 5}, {4, 3},
           {4, 0},   {6, 5},   {6, 3},   {6, 0},   {5, 3},   {5, 0}, {3, 0}}) {
    EXPECT_TRUE(met.contains(pair)) << pair.first << " and " << pair.second;
  }
}

TEST(Conclude, AllAtOnceTheStrongestCounts) {
  for (size_t first = 0; first < std::size(kConditions); ++first) {
    if (std::string(kConditions[first].name) == "unsupported") continue;
    v1::Comparison comparison = Fine();
    for (size_t i = std::size(kConditions); i-- > first;) kConditions[i].make(&comparison);
    EXPECT_EQ(CodeOf(comparison), kConditions[first].code) << kConditions[first].name;
    if (std::string(kConditions[first].name) == "A differs from A'")
      break;  // the rest are of cells
  }
}

TEST(Conclude, WhatEndedEarlyOrIsInvalidSaysNothingOfThePolicy) {
  for (const Condition& condition : kConditions) {
    if (CanMeet("unsupported", condition.name)) continue;
    v1::Comparison comparison = Fine();
    Unsupported(&comparison);
    condition.make(&comparison);
    EXPECT_EQ(CodeOf(comparison), condition.code) << condition.name;
  }
}

TEST(Conclude, WhatHasRegressedHasWhateverElseIsOpen) {
  v1::Comparison comparison = Fine();
  comparison.mutable_cells(0)->set_verdict("REGRESSED");
  Open(&comparison);
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "REGRESSED");
  EXPECT_EQ(comparison.why(), "1 of 2");
  EXPECT_EQ(comparison.exit_code(), 3);
  EXPECT_EQ(comparison.cells(1).verdict(), "INCONCLUSIVE");
}

TEST(Conclude, GoodNewsIsSaid) {
  v1::Comparison comparison = Fine();
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "OK");
  EXPECT_EQ(comparison.why(), "2 of 2");
  comparison.mutable_cells(1)->set_verdict("IMPROVED");
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "IMPROVED");
  EXPECT_EQ(comparison.why(), "1 of 2");
  comparison.clear_cells();
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "OK");
  EXPECT_EQ(comparison.why(), "of answers only");
}

TEST(Conclude, AnInvalidMeasurementCannotConvict) {
  for (const auto invalidate : {Limit, Steal, Differ}) {
    v1::Comparison comparison = Fine();
    Regress(&comparison);
    comparison.mutable_cells(0)->set_confirmation("confirmed");
    comparison.mutable_cells(1)->set_more_rounds(3);
    invalidate(&comparison);
    Conclude(&comparison);
    EXPECT_NE(comparison.exit_code(), 3);
    for (const v1::CellVerdict& cell : comparison.cells()) {
      EXPECT_EQ(cell.verdict(), "INCONCLUSIVE");
      EXPECT_EQ(cell.confirmation(), "");
      EXPECT_FALSE(cell.has_more_rounds());
    }
  }
}

TEST(Conclude, SaysWhoFailed) {
  v1::Comparison comparison = Fine();
  Fail(&comparison);
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "FAILED");
  EXPECT_EQ(comparison.why(), "B: exited with 1");
}

TEST(Conclude, AnUnsupportedPolicyIsToldWhatItWouldTake) {
  v1::Comparison comparison = Fine();
  Unsupported(&comparison);
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "CONFIGURATION");
  EXPECT_EQ(comparison.why(),
            "noise of 20.0 % hides anything below +21.0 % in p50 of other, more than 4 times its "
            "margin of 5 %: it would take about 34 rounds with the extension, or a wider margin");
  comparison = Fine();
  Unsupported(&comparison);
  comparison.mutable_cells(1)->set_detectable(0.2);
  EXPECT_EQ(CodeOf(comparison), 5) << "at the limit itself";
  comparison = Fine();
  comparison.mutable_cells(1)->set_detectable(0.3);
  EXPECT_EQ(CodeOf(comparison), 0) << "it was closed";
  comparison = Fine();
  Unsupported(&comparison);
  comparison.mutable_cells(1)->set_noise_sd(100);
  Conclude(&comparison);
  EXPECT_THAT(comparison.why(), HasSubstr("it would take more than 10000 rounds"));
}

TEST(Conclude, ABudgetThatWasOverIsNoVerdictOfItsOwn) {
  v1::Comparison comparison = Fine();
  comparison.set_outcome("out_of_time");
  EXPECT_EQ(CodeOf(comparison), 0);
  Unsupported(&comparison);
  EXPECT_EQ(CodeOf(comparison), 2);
}

TEST(Conclude, ClientLimitedIsMoreThanHalfOfTheVisitsToACell) {
  v1::Comparison comparison = Fine();
  const auto limit = [&](int visits, const char* key) {
    for (int i = 0; i < visits; ++i) {
      for (v1::CellSample& sample :
           *comparison.mutable_rounds(i / 3)->mutable_visits(i % 3)->mutable_cells()) {
        if (sample.key() == key) sample.set_client_limited(true);
      }
    }
  };
  limit(18, "cell");
  EXPECT_EQ(CodeOf(comparison), 0) << "half";
  limit(19, "cell");
  v1::Comparison limited = comparison;
  Conclude(&limited);
  EXPECT_EQ(limited.verdict(), "CLIENT_LIMITED");
  EXPECT_EQ(limited.why(), "the client could not keep the schedule of cell in 19 of 36 visits");
  comparison.mutable_rounds(0)->set_why_void("steal");
  EXPECT_EQ(CodeOf(comparison), 0) << "16 of 33: what is void does not count";
}

TEST(Conclude, TwoCellsThatAreLimitedNowAndThenAreNotOne) {
  v1::Comparison comparison = Fine();
  for (int i = 0; i < 12; ++i) {
    AddTo({}, {.key = "second"}, comparison.mutable_rounds(i));
    for (v1::ArmVisit& visit : *comparison.mutable_rounds(i)->mutable_visits()) {
      visit.mutable_cells(i % 2)->set_client_limited(true);
    }
  }
  EXPECT_EQ(CodeOf(comparison), 0);
}

TEST(Conclude, UnstableSaysWhy) {
  v1::Comparison comparison = Fine();
  Steal(&comparison);
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "UNSTABLE");
  EXPECT_EQ(comparison.why(), "only 5 rounds count, it takes 6; the last one does not: steal 50 %");
  comparison = Fine();
  comparison.mutable_rounds()->DeleteSubrange(5, 7);
  comparison.set_outcome("out_of_time");
  Conclude(&comparison);
  EXPECT_EQ(comparison.why(), "only 5 rounds count, it takes 6");
  comparison = Fine();
  for (int i = 5; i < 12; ++i) comparison.mutable_rounds(i)->set_phase("confirmation");
  EXPECT_EQ(CodeOf(comparison), 5) << "confirmations are no rounds of a look";
  comparison = Fine();
  comparison.mutable_rounds()->DeleteSubrange(6, 6);
  EXPECT_EQ(CodeOf(comparison), 0) << "6 do";
}

TEST(Conclude, AMayDifferFromItselfBySixTenthsOfTheMargin) {
  v1::Comparison comparison = Fine();
  comparison.mutable_cells(0)->set_floor_low(0.03);
  EXPECT_EQ(CodeOf(comparison), 0);
  comparison.mutable_cells(0)->set_floor(0.04);
  comparison.mutable_cells(0)->set_floor_low(0.031);
  comparison.mutable_cells(0)->set_floor_high(0.05);
  v1::Comparison above = comparison;
  Conclude(&above);
  EXPECT_EQ(above.verdict(), "UNSTABLE");
  EXPECT_EQ(above.why(), "A differs from itself: A'/A of p50 of cell is +4.0 % [+3.1, +5.0]");
  comparison.mutable_cells(0)->set_floor_low(-0.1);
  comparison.mutable_cells(0)->set_floor_high(-0.031);
  EXPECT_EQ(CodeOf(comparison), 5) << "better than itself is as bad";
}

TEST(Conclude, KeptReportsHaveNoRoundsAndNoFloor) {
  v1::Comparison comparison = Fine();
  comparison.set_looks(0);
  comparison.clear_rounds();
  comparison.mutable_cells(0)->set_verdict("REGRESSED");
  EXPECT_EQ(CodeOf(comparison), 3);
}

TEST(Conclude, WhatThePolicyMakesOfOpenCells) {
  v1::Comparison comparison = Fine();
  Open(&comparison);
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(comparison.why(), "1 of 2");
  comparison.mutable_policy()->set_inconclusive("fail");
  Conclude(&comparison);
  EXPECT_EQ(comparison.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(comparison.why(), "1 of 2; the policy says: fail");
}

}  // namespace
}  // namespace normbench
