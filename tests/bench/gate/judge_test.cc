// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/judge.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Policy PolicyWith(int extension) {
  v1::Policy policy;
  policy.set_alpha(0.05);
  policy.set_rounds(12);
  policy.set_extension_rounds(extension);
  policy.set_seed(1);
  return policy;
}

// Eight of ten rounds show a change: p is 3/1024, which is enough for one cell.
std::vector<Found> Weak() {
  std::vector<Found> found = Steady(10, 0.10);
  found[0].b = found[1].b = 1.04;
  return found;
}

TEST(JudgeCells, ComesInTheOrderOfCellsAndMetrics) {
  const auto verdicts =
      JudgeCells(PolicyWith(0), {CellOf("y", {{"p50", 0.05}, {"p99", 0.1}}), CellOf("x")}, {});
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].key() + verdicts[0].metric(), "yp50");
  EXPECT_EQ(verdicts[1].key() + verdicts[1].metric(), "yp99");
  EXPECT_EQ(verdicts[1].margin(), 0.1);
  EXPECT_EQ(verdicts[2].key() + verdicts[2].metric(), "xp50");
  for (const v1::CellVerdict& verdict : verdicts) EXPECT_EQ(verdict.verdict(), "INCONCLUSIVE");
}

TEST(JudgeCells, AlphaIsSharedByAllCells) {
  const Rounds rounds = RoundsOf(Weak());
  const auto alone = JudgeCells(PolicyWith(0), {CellOf("cell")}, rounds);
  EXPECT_EQ(alone[0].verdict(), "REGRESSED");
  std::vector<GatedCell> many = {CellOf("cell")};
  for (int i = 0; i < 29; ++i) many.push_back(CellOf("without values" + std::to_string(i)));
  const auto among = JudgeCells(PolicyWith(0), many, rounds);
  EXPECT_DOUBLE_EQ(among[0].p_regressed(), 30 * alone[0].p_regressed()) << "Holm";
  EXPECT_EQ(among[0].verdict(), "INCONCLUSIVE");
}

TEST(JudgeCells, HolmSparesTheOthersWhenOneIsSure) {
  Rounds rounds = RoundsOf(Steady(10, 0.3));
  for (int i = 0; i < 10; ++i) {
    AddTo(Weak()[static_cast<size_t>(i)], {.key = "weak"}, rounds.Mutable(i));
  }
  const auto verdicts = JudgeCells(PolicyWith(0), {CellOf("weak"), CellOf("cell")}, rounds);
  const auto alone = JudgeCells(PolicyWith(0), {CellOf("weak")}, rounds);
  EXPECT_DOUBLE_EQ(verdicts[1].p_regressed(), 2 * 0x1p-10);
  EXPECT_DOUBLE_EQ(verdicts[0].p_regressed(), alone[0].p_regressed()) << "the second step";
}

TEST(JudgeCells, OkIsSaidOfEachCellAlone) {
  const auto verdicts = JudgeCells(PolicyWith(0), {CellOf("cell"), CellOf("none"), CellOf("nil")},
                                   RoundsOf(Steady(6, 0)));
  EXPECT_DOUBLE_EQ(verdicts[0].p_ok(), 0x1p-6);
  EXPECT_EQ(verdicts[0].verdict(), "OK");
}

TEST(JudgeCells, TwoLooksHaveHalfOfAlphaEach) {
  // All of five rounds: p = 1/32 is below 5 %, not below 2.5 %.
  const Rounds rounds = RoundsOf(Steady(5, 0.3));
  EXPECT_EQ(JudgeCells(PolicyWith(0), {CellOf("cell")}, rounds)[0].verdict(), "REGRESSED");
  EXPECT_EQ(JudgeCells(PolicyWith(12), {CellOf("cell")}, rounds)[0].verdict(), "INCONCLUSIVE");
}

TEST(JudgeCells, TakesTheExtensionButNoConfirmation) {
  Rounds rounds = RoundsOf(Steady(6, 0.3));
  Add(Steady(6, 0.3), {.phase = "extension"}, &rounds);
  Add(Steady(6, 0.3), {.phase = "confirmation"}, &rounds);
  EXPECT_EQ(JudgeCells(PolicyWith(12), {CellOf("cell")}, rounds)[0].rounds(), 12);
}

std::vector<v1::CellVerdict> ConfirmedBy(const std::vector<Found>& fresh) {
  Rounds rounds = RoundsOf(Steady(12, 0.3));
  auto verdicts = JudgeCells(PolicyWith(0), {CellOf("cell"), CellOf("other")}, rounds);
  Add(fresh, {.phase = "confirmation"}, &rounds);
  Confirm(rounds, &verdicts);
  return verdicts;
}

TEST(Confirm, AnyWorseningThatIsSureWillDo) {
  const auto verdicts = ConfirmedBy(Steady(8, 0.02));
  EXPECT_EQ(verdicts[0].verdict(), "REGRESSED") << "the margin was shown before";
  EXPECT_EQ(verdicts[0].confirmation(), "confirmed");
  EXPECT_EQ(verdicts[1].confirmation(), "") << "was not asked";
  EXPECT_EQ(ConfirmedBy(Steady(5, 0.02))[0].confirmation(), "confirmed");
  EXPECT_EQ(ConfirmedBy(std::vector<Found>(8, {.b = kInfinity}))[0].confirmation(), "confirmed");
}

TEST(Confirm, WhatDoesNotComeAgainIsOpen) {
  for (const auto& fresh : {Steady(8, 0), Steady(8, -0.3), Steady(4, 0.3), std::vector<Found>()}) {
    const auto verdicts = ConfirmedBy(fresh);
    EXPECT_EQ(verdicts[0].verdict(), "INCONCLUSIVE") << fresh.size();
    EXPECT_EQ(verdicts[0].confirmation(), "not confirmed");
  }
}

TEST(IsOpen, MoreRoundsHelpOnlyWhereThereAreValues) {
  auto verdicts =
      JudgeCells(PolicyWith(0), {CellOf("cell"), CellOf("none")}, RoundsOf(Steady(12, 0)));
  EXPECT_EQ(verdicts[1].verdict(), "INCONCLUSIVE");
  EXPECT_FALSE(IsOpen(verdicts));
  verdicts = JudgeCells(PolicyWith(0), {CellOf("cell")}, RoundsOf(Steady(12, 0.05)));
  EXPECT_TRUE(IsOpen(verdicts));
  EXPECT_FALSE(IsOpen({}));
}

TEST(RegressedKeys, NamesEachCellOnce) {
  std::vector<v1::CellVerdict> verdicts(4);
  for (v1::CellVerdict& verdict : verdicts) verdict.set_verdict("REGRESSED");
  verdicts[0].set_key("a");
  verdicts[1].set_key("a");
  verdicts[2].set_key("b");
  verdicts[2].set_verdict("OK");
  verdicts[3].set_key("c");
  EXPECT_THAT(RegressedKeys(verdicts), ElementsAre("a", "c"));
  EXPECT_THAT(RegressedKeys({}), IsEmpty());
}

}  // namespace
}  // namespace normbench
