// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gate_run.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "bench/gate/policy.h"
#include "bench/gate/simulation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

v1::Policy PolicyOf(const std::string& rest = "") {
  const auto policy = ParsePolicy(absl::StrCat(
      R"({"version": 1, "name": "g", "rounds": 12, "cells": [{"key": ["norm/rms?shape=1x4"]}])",
      rest, "}"));
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.value_or(v1::Policy());
}

// Rounds of half a second for each cell of a visit, as `make` says; it may put anything into what
// it is given.
class FakeSource final : public RoundSource {
 public:
  using Make = std::function<absl::Status(const RoundRequest& request, v1::Round* round)>;
  explicit FakeSource(Make make, double seconds = 0) : make_(std::move(make)), seconds_(seconds) {}

  absl::StatusOr<v1::Round> Measure(const RoundRequest& request) override {
    asked_.push_back(request);
    v1::Round round;
    if (absl::Status made = make_(request, &round); !made.ok()) return made;
    if (request.phase == "confirmation") round.mutable_visits()->DeleteSubrange(1, 1);
    seconds_ += 0.5 * static_cast<double>(request.cells.size()) * round.visits_size();
    return round;
  }
  double Seconds() override { return seconds_; }

  int Count(const std::string& phase) const {
    return static_cast<int>(std::count_if(asked_.begin(), asked_.end(),
                                          [&](const auto& r) { return r.phase == phase; }));
  }
  const std::vector<RoundRequest>& asked() const { return asked_; }

 private:
  Make make_;
  std::vector<RoundRequest> asked_;
  double seconds_;  // since the gate began
};

// Every cell: B slower by `effect`, with a little scatter.
FakeSource Slower(double effect, const std::vector<std::string>& keys = {"x", "y"},
                  double seconds = 0) {
  return FakeSource(
      [=](const RoundRequest& request, v1::Round* round) {
        for (const size_t cell : request.cells) {
          AddTo(Steady(request.number, effect).back(), {.key = keys[cell]}, round);
        }
        return absl::OkStatus();
      },
      seconds);
}

v1::Comparison Gate(RoundSource& source, const v1::Policy& policy = PolicyOf(),
                    const std::vector<GatedCell>& cells = {CellOf("x"), CellOf("y")}) {
  v1::Comparison comparison;
  *comparison.mutable_policy() = policy;
  const GatePlan plan = {.rounds = policy.rounds(),
                         .extension = policy.extension_rounds(),
                         .confirmation = policy.confirmation_rounds(),
                         .visit_seconds = 1};
  RunGate(cells, plan, source, nullptr, &comparison);
  return comparison;
}

TEST(RunGate, OneLookWhereNothingIsOpen) {
  FakeSource source = Slower(0);
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(comparison.verdict(), "OK");
  EXPECT_EQ(comparison.exit_code(), 0);
  EXPECT_EQ(comparison.outcome(), "complete");
  EXPECT_EQ(comparison.looks(), 1);
  EXPECT_EQ(comparison.duration_seconds(), 36);
  EXPECT_EQ(comparison.rounds_size(), 12);
  EXPECT_EQ(comparison.cells_size(), 2);
  EXPECT_EQ(source.Count("main"), 12);
  EXPECT_EQ(source.Count("extension") + source.Count("confirmation"), 0);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(comparison.rounds(i).number(), i + 1);
    EXPECT_EQ(source.asked()[static_cast<size_t>(i)].number, i + 1);
    EXPECT_THAT(source.asked()[static_cast<size_t>(i)].cells, ElementsAre(0, 1));
    EXPECT_EQ(source.asked()[static_cast<size_t>(i)].left, 12 - i);
  }
  // Planned with a second a visit; then by what they took, 1 s for two cells.
  EXPECT_EQ(source.asked()[0].left_seconds, 36);
  EXPECT_EQ(source.asked()[11].left_seconds, 3);
}

TEST(RunGate, ExtendsOnceWhatIsOpen) {
  FakeSource source = Slower(0.05);
  const v1::Comparison comparison = Gate(source, PolicyOf(R"(, "extension_rounds": 8)"));
  EXPECT_EQ(comparison.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(comparison.exit_code(), 5);
  EXPECT_EQ(comparison.looks(), 2);
  EXPECT_EQ(source.Count("extension"), 8);
  EXPECT_EQ(comparison.cells(0).rounds(), 20);
  EXPECT_EQ(comparison.rounds(12).phase(), "extension");
  FakeSource again = Slower(0.05);
  EXPECT_EQ(Gate(again, PolicyOf(R"(, "extension_rounds": 0)")).looks(), 1);
  EXPECT_EQ(again.Count("extension"), 0);
}

TEST(RunGate, ConfirmsOnlyTheCellsThatRegressed) {
  FakeSource source([](const RoundRequest& request, v1::Round* round) {
    for (const size_t cell : request.cells) {
      const Found found = Steady(request.number, cell == 1 ? 0.2 : 0).back();
      AddTo(found, {.key = cell == 1 ? "y" : "x"}, round);
    }
    return absl::OkStatus();
  });
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(comparison.verdict(), "REGRESSED");
  EXPECT_EQ(comparison.why(), "1 of 2");
  EXPECT_EQ(comparison.exit_code(), 3);
  EXPECT_EQ(source.Count("confirmation"), 12);
  EXPECT_EQ(source.asked()[12].left, 12);
  EXPECT_EQ(source.asked().back().left, 1);
  EXPECT_LT(source.asked().back().left_seconds, 3) << "of two arms";
  EXPECT_THAT(source.asked().back().cells, ElementsAre(1));
  EXPECT_EQ(source.asked().back().number, 24);
  EXPECT_EQ(comparison.cells(0).confirmation(), "");
  EXPECT_EQ(comparison.cells(1).confirmation(), "confirmed");
  EXPECT_EQ(comparison.cells(1).rounds(), 12) << "confirmations are no part of the estimate";
}

TEST(RunGate, WhatDoesNotComeAgainIsNoRegression) {
  FakeSource source([](const RoundRequest& request, v1::Round* round) {
    const double effect = request.phase == "confirmation" ? 0 : 0.2;
    for (const size_t cell : request.cells) {
      AddTo(Steady(request.number, effect).back(), {.key = cell == 1 ? "y" : "x"}, round);
    }
    return absl::OkStatus();
  });
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(comparison.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(comparison.cells(0).confirmation(), "not confirmed");
}

TEST(RunGate, WithoutConfirmationOneLookConvicts) {
  FakeSource source = Slower(0.2);
  const v1::Comparison comparison = Gate(source, PolicyOf(R"(, "confirmation_rounds": 0)"));
  EXPECT_EQ(comparison.verdict(), "REGRESSED");
  EXPECT_EQ(comparison.cells(0).confirmation(), "");
  EXPECT_EQ(source.Count("confirmation"), 0);
}

TEST(RunGate, NoRoundBeginsThatTheBudgetHasNoTimeFor) {
  // 3 s a round: 16 of 50 s, 4 of them of the extension.
  FakeSource open = Slower(0.05);
  const v1::Comparison extended = Gate(open, PolicyOf(R"(, "budget_seconds": 50)"));
  EXPECT_EQ(extended.outcome(), "out_of_time");
  EXPECT_EQ(extended.rounds_size(), 16);
  EXPECT_EQ(extended.looks(), 2);
  EXPECT_EQ(extended.cells(0).rounds(), 16);
  FakeSource early = Slower(0);
  const v1::Comparison main = Gate(early, PolicyOf(R"(, "budget_seconds": 29)"));
  EXPECT_EQ(main.outcome(), "out_of_time");
  EXPECT_EQ(main.rounds_size(), 9);
  EXPECT_EQ(main.verdict(), "OK") << "nine rounds were enough";
  FakeSource exact = Slower(0);
  EXPECT_EQ(Gate(exact, PolicyOf(R"(, "budget_seconds": 36)")).outcome(), "complete");
}

TEST(RunGate, WhatWasSpentBeforeTheFirstRoundMakesRoundsNoLonger) {
  FakeSource late = Slower(0, {"x", "y"}, 12);
  EXPECT_EQ(Gate(late, PolicyOf(R"(, "budget_seconds": 48)")).outcome(), "complete")
      << "12 s and 12 rounds of 3 s";
  FakeSource later = Slower(0, {"x", "y"}, 13);
  const v1::Comparison comparison = Gate(later, PolicyOf(R"(, "budget_seconds": 48)"));
  EXPECT_EQ(comparison.outcome(), "out_of_time");
  EXPECT_EQ(comparison.rounds_size(), 11);
}

TEST(EndWithoutRounds, SaysWhy) {
  v1::Comparison failed, stopped;
  *failed.mutable_policy() = *stopped.mutable_policy() = PolicyOf();
  EndWithoutRounds(absl::UnavailableError("rehearsal, B: gone"), &failed);
  EXPECT_EQ(failed.outcome(), "arm_failed");
  EXPECT_EQ(failed.verdict() + ": " + failed.why(), "FAILED: rehearsal, B: gone");
  EXPECT_EQ(failed.exit_code(), 1);
  EndWithoutRounds(absl::CancelledError("interrupted"), &stopped);
  EXPECT_EQ(stopped.exit_code(), 130);
  v1::Comparison refused;
  EndWithoutRounds(absl::InvalidArgumentError("rounds: 7"), &refused);
  EXPECT_EQ(refused.outcome(), "refused");
  EXPECT_EQ(refused.verdict() + ": " + refused.why(), "CONFIGURATION: rounds: 7");
  EXPECT_EQ(refused.exit_code(), 2);
}

TEST(RunGate, ABudgetThatIsOverBeforeTheConfirmationConvictsNobody) {
  FakeSource source = Slower(0.2);
  const v1::Comparison comparison = Gate(source, PolicyOf(R"(, "budget_seconds": 37)"));
  EXPECT_EQ(comparison.outcome(), "out_of_time");
  EXPECT_EQ(source.Count("confirmation"), 0);
  EXPECT_EQ(comparison.verdict(), "INCONCLUSIVE");
  EXPECT_EQ(comparison.cells(0).confirmation(), "not confirmed");
  FakeSource some = Slower(0.2);
  const v1::Comparison confirmed = Gate(some, PolicyOf(R"(, "budget_seconds": 46)"));
  EXPECT_EQ(some.Count("confirmation"), 5) << "2 s each";
  EXPECT_EQ(confirmed.verdict(), "REGRESSED") << "five are enough";
  // One of two cells takes half of the time.
  FakeSource one([](const RoundRequest& request, v1::Round* round) {
    for (const size_t cell : request.cells) {
      AddTo(Steady(request.number, cell == 1 ? 0.2 : 0).back(), {.key = cell == 1 ? "y" : "x"},
            round);
    }
    return absl::OkStatus();
  });
  std::vector<GatedCell> cells = {CellOf("x"), CellOf("y")};
  for (GatedCell& cell : cells) cell.c.seconds = 100;
  Gate(one, PolicyOf(R"(, "budget_seconds": 41.1)"), cells);
  EXPECT_EQ(one.Count("confirmation"), 5);
  EXPECT_EQ(one.Seconds(), 41);
}

FakeSource FailsAt(int number, const absl::Status& status) {
  return FakeSource([=](const RoundRequest& request, v1::Round* round) {
    if (request.number == number) return status;
    for (const char* key : {"x", "y"})
      AddTo(Steady(request.number, 0.2).back(), {.key = key}, round);
    return absl::OkStatus();
  });
}

TEST(RunGate, EndsWhereAnArmFails) {
  FakeSource source = FailsAt(9, absl::UnavailableError("B: no answer"));
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(comparison.outcome(), "arm_failed");
  EXPECT_EQ(comparison.error(), "B: no answer");
  EXPECT_EQ(comparison.verdict(), "FAILED");
  EXPECT_EQ(comparison.exit_code(), 1);
  EXPECT_EQ(comparison.rounds_size(), 8);
  EXPECT_THAT(source.asked(), SizeIs(9));
  EXPECT_EQ(comparison.cells(0).rounds(), 8) << "what was seen is kept";
  EXPECT_EQ(comparison.cells(0).verdict(), "INCONCLUSIVE");
}

TEST(RunGate, EndsWhereTheUserSays) {
  FakeSource source = FailsAt(15, absl::CancelledError("stopped"));
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(comparison.outcome(), "interrupted");
  EXPECT_EQ(comparison.verdict(), "INTERRUPTED");
  EXPECT_EQ(comparison.exit_code(), 130);
  EXPECT_EQ(source.Count("confirmation"), 3);
  EXPECT_EQ(comparison.cells(0).verdict(), "INCONCLUSIVE") << "two of eight confirm nothing";
  FakeSource first = FailsAt(1, absl::CancelledError("stopped"));
  EXPECT_EQ(Gate(first).exit_code(), 130);
}

FakeSource StolenWhere(std::function<bool(int number)> is_stolen) {
  return FakeSource([=](const RoundRequest& request, v1::Round* round) {
    for (const char* key : {"x", "y"}) AddTo(Steady(request.number, 0).back(), {.key = key}, round);
    if (is_stolen(request.number)) {
      round->mutable_visits(2)->mutable_host()->set_steal_ratio(0.5);
    }
    return absl::OkStatus();
  });
}

TEST(RunGate, MakesUpForVoidRounds) {
  FakeSource source = StolenWhere([](int number) { return number == 2 || number == 5; });
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(source.Count("main"), 14);
  EXPECT_EQ(source.asked()[1].left, 11);
  EXPECT_EQ(source.asked()[2].left, 11) << "the one before does not count";
  EXPECT_EQ(comparison.cells(0).rounds(), 12);
  EXPECT_EQ(comparison.rounds(1).why_void(), "steal 50.0 % while B was visited, above 10 %");
  EXPECT_EQ(comparison.verdict(), "OK");
}

TEST(RunGate, WithinReason) {
  FakeSource source = StolenWhere([](int number) { return number > 3; });
  const v1::Comparison comparison = Gate(source);
  EXPECT_EQ(source.Count("main"), 18) << "half as many again";
  EXPECT_EQ(comparison.verdict(), "UNSTABLE");
  EXPECT_EQ(comparison.exit_code(), 5);
}

TEST(RunGate, TellsOfEachRound) {
  FakeSource source = Slower(0);
  v1::Comparison comparison;
  *comparison.mutable_policy() = PolicyOf();
  std::vector<int> seen;
  RunGate(
      {CellOf("x"), CellOf("y")}, {.rounds = 12, .visit_seconds = 1}, source,
      [&](const v1::Comparison& so_far) { seen.push_back(so_far.rounds_size()); }, &comparison);
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

TEST(RunGate, KeepsTheImagesOfEachArmsFirstWholePass) {
  FakeSource source([](const RoundRequest& request, v1::Round* round) {
    AddTo(Steady(request.number, 0).back(), {.key = "x"}, round);
    for (v1::ArmVisit& visit : *round->mutable_visits()) {
      v1::CellAccuracy& accuracy = *visit.mutable_cells(0)->mutable_accuracy();
      accuracy.set_images(50);
      if (visit.arm() == "B" && request.number == 1) continue;  // half of them
      accuracy.set_images(100);
      accuracy.set_top1(visit.arm() == "B" ? 0.9 : 0.99);
      for (int i = 0; i < (visit.arm() == "B" ? 10 : 1); ++i) accuracy.add_wrong(i);
    }
    return absl::OkStatus();
  });
  const v1::Comparison comparison = Gate(source, PolicyOf(), {CellOf("x")});
  EXPECT_EQ(comparison.verdict(), "ACCURACY");
  EXPECT_EQ(comparison.exit_code(), 4);
  std::map<std::string, int> kept;
  for (const v1::Round& round : comparison.rounds()) {
    for (const v1::ArmVisit& visit : round.visits()) {
      kept[visit.arm()] += visit.cells(0).accuracy().wrong_size();
    }
  }
  EXPECT_EQ(kept["A"], 1);
  EXPECT_EQ(kept["A'"], 1);
  EXPECT_EQ(kept["B"], 10);
}

std::map<std::string, int> Verdicts(double effect, int gates) {
  const std::vector<MetricOf> all = {{"p50", 0.05}, {"p99", 0.1}, {"samples_per_s", 0.05}};
  const std::vector<GatedCell> cells = {CellOf("x", all), CellOf("y", all)};
  std::map<std::string, int> verdicts;
  for (int gate = 1; gate <= gates; ++gate) {
    SimulatedRounds source(cells, {.noise = NoiseLevels()[1],
                                   .effect = effect,
                                   .seed = static_cast<uint64_t>(gate),
                                   .visit_seconds = 3});
    ++verdicts[Gate(source, PolicyOf(), cells).verdict()];
  }
  return verdicts;
}

// On the noise of a shared runner. By the binomial distribution: of 60 gates that are right in 95
// %, fewer than 51 are in one of 10^3; the seeds are fixed.
TEST(RunGate, IsRightOnANoisyMachine) {
  std::map<std::string, int> same = Verdicts(0, 60);
  EXPECT_EQ(same["REGRESSED"], 0);
  EXPECT_EQ(same["IMPROVED"], 0);
  EXPECT_GE(same["OK"], 30) << "most; the others are open";
  std::map<std::string, int> slower = Verdicts(0.2, 60);
  EXPECT_EQ(slower["OK"], 0);
  EXPECT_GE(slower["REGRESSED"], 57);
}

}  // namespace
}  // namespace normbench
