// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/judge_metric.h"

#include <cmath>
#include <vector>

#include "bench/stats/detectable.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

v1::CellVerdict Judged(const std::vector<Found>& found, double alpha = 0.05) {
  v1::CellVerdict verdict;
  verdict.set_margin(0.05);
  const PairSeries series = PairsOf(RoundsOf(found), {"main"}, "cell", "p50");
  JudgeMetric(series, {.alpha = alpha, .comparisons = 4, .planned_rounds = 24, .seed = 1},
              &verdict);
  Decide(series, alpha, &verdict);
  return verdict;
}

TEST(JudgeMetric, EstimateAndBoundsAreShares) {
  const v1::CellVerdict verdict = Judged(Steady(13, 0.10));
  EXPECT_EQ(verdict.rounds(), 13);
  EXPECT_NEAR(verdict.worse(), 0.10, 0.002);
  EXPECT_LT(verdict.low(), verdict.worse());
  EXPECT_GT(verdict.low(), 0.09);
  EXPECT_GT(verdict.high(), verdict.worse());
  EXPECT_LT(verdict.high(), 0.11);
  EXPECT_NEAR(verdict.bootstrap_low(), verdict.low(), 0.01);
  EXPECT_NEAR(verdict.bootstrap_high(), verdict.high(), 0.01);
  EXPECT_DOUBLE_EQ(verdict.a(), 1);
  EXPECT_NEAR(verdict.b(), 1.10, 0.002);
}

TEST(JudgeMetric, FloorIsThatOfAAgainstItself) {
  const v1::CellVerdict verdict = Judged(Steady(13, 0.10, 0.02));
  EXPECT_NEAR(verdict.floor(), 0, 0.002);
  EXPECT_LT(verdict.floor_low(), 0);
  EXPECT_GT(verdict.floor_high(), 0);
  // Steps of 1/300 from -0.02 to 0.02: half of them are within 3 steps.
  EXPECT_NEAR(verdict.noise_sd(), 1.4826 * 0.01, 0.001);
  EXPECT_DOUBLE_EQ(verdict.detectable(),
                   DetectableEffect(0.05, verdict.noise_sd(), 24, 0.05 / 4, 0.8));
}

TEST(JudgeMetric, EqualValuesHaveNoNoise) {
  const v1::CellVerdict verdict = Judged(std::vector<Found>(12));
  EXPECT_EQ(verdict.worse(), 0);
  EXPECT_EQ(verdict.noise_sd(), 0);
  EXPECT_DOUBLE_EQ(verdict.detectable(), 0.05);
  EXPECT_EQ(verdict.verdict(), "OK");
}

TEST(JudgeMetric, ResolutionIsNotNoise) {
  // More than half are equal: the robust deviation is 0, but it does scatter.
  std::vector<Found> found(12);
  found[3].again = found[7].again = 1.1;
  EXPECT_GT(Judged(found).noise_sd(), 0);
}

TEST(JudgeMetric, WithoutRoundsNothingIsSaid) {
  const v1::CellVerdict verdict = Judged({});
  EXPECT_EQ(verdict.rounds(), 0);
  EXPECT_EQ(verdict.p_regressed(), 1);
  EXPECT_EQ(verdict.p_ok(), 1);
  EXPECT_EQ(verdict.p_improved(), 1);
  EXPECT_FALSE(verdict.has_worse());
  EXPECT_FALSE(verdict.has_low());
  EXPECT_FALSE(verdict.has_floor());
  EXPECT_FALSE(verdict.has_more_rounds());
  EXPECT_EQ(verdict.verdict(), "INCONCLUSIVE");
}

TEST(JudgeMetric, AFewRoundsHaveNoBounds) {
  const v1::CellVerdict verdict = Judged(Steady(4, 0.5));
  EXPECT_TRUE(verdict.has_worse());
  EXPECT_FALSE(verdict.has_low());
  EXPECT_FALSE(verdict.has_high());
  EXPECT_EQ(verdict.verdict(), "INCONCLUSIVE");
}

TEST(JudgeMetric, AnArmThatAlwaysFailsIsInfinitelyWorse) {
  const v1::CellVerdict verdict = Judged(std::vector<Found>(12, {.b = kInfinity}));
  EXPECT_EQ(verdict.worse(), kInfinity);
  EXPECT_EQ(verdict.low(), kInfinity);
  EXPECT_EQ(verdict.verdict(), "REGRESSED");
  const v1::CellVerdict mended =
      Judged(std::vector<Found>(12, {.a = kInfinity, .again = kInfinity}));
  EXPECT_EQ(mended.worse(), -1) << "100 % less";
  EXPECT_EQ(mended.verdict(), "IMPROVED");
}

TEST(JudgeMetric, FailingInBothArmsIsNoChange) {
  const v1::CellVerdict verdict =
      Judged(std::vector<Found>(12, {.a = kInfinity, .again = kInfinity, .b = kInfinity}));
  EXPECT_EQ(verdict.worse(), 0);
  EXPECT_EQ(verdict.verdict(), "OK");
}

TEST(JudgeMetric, OneFailedVisitDoesNotConvict) {
  std::vector<Found> found = Steady(12, 0);
  found[5].b = kInfinity;
  const v1::CellVerdict verdict = Judged(found);
  EXPECT_TRUE(std::isfinite(verdict.worse()));
  EXPECT_NE(verdict.verdict(), "REGRESSED");
}

TEST(Decide, AgainstTheMarginOnBothSides) {
  EXPECT_EQ(Judged(Steady(12, 0)).verdict(), "OK");
  EXPECT_EQ(Judged(Steady(12, 0.03)).verdict(), "OK") << "worse, by less than the margin";
  EXPECT_EQ(Judged(Steady(12, 0.10)).verdict(), "REGRESSED");
  EXPECT_EQ(Judged(Steady(12, -0.10)).verdict(), "IMPROVED");
  EXPECT_EQ(Judged(Steady(12, -0.03)).verdict(), "OK") << "better, by less than the margin";
  EXPECT_EQ(Judged(Steady(12, 0.05)).verdict(), "INCONCLUSIVE") << "at the margin";
}

TEST(Decide, AndTheBoundSayTheSame) {
  for (const double effect : {0.0, 0.03, 0.045, 0.05, 0.055, 0.06, 0.1}) {
    const v1::CellVerdict verdict = Judged(Steady(12, effect, 0.02));
    EXPECT_EQ(verdict.verdict() == "REGRESSED", verdict.low() > verdict.margin()) << effect;
    EXPECT_EQ(verdict.verdict() == "OK", verdict.high() < verdict.margin()) << effect;
  }
}

TEST(Decide, SaysHowManyRoundsItWouldTake) {
  const v1::CellVerdict near = Judged(Steady(13, 0.06, 0.08));
  EXPECT_EQ(near.verdict(), "INCONCLUSIVE");
  EXPECT_GE(near.more_rounds(), 1);
  const v1::CellVerdict nearer = Judged(Steady(13, 0.055, 0.08));
  EXPECT_EQ(nearer.verdict(), "INCONCLUSIVE");
  EXPECT_GT(nearer.more_rounds(), near.more_rounds());
  EXPECT_GT(Judged(Steady(13, 0.05, 0.08)).more_rounds(), 1000) << "at its margin";
  EXPECT_FALSE(Judged(Steady(12, 0)).has_more_rounds());
}

TEST(Decide, RegressedComesFirst) {
  v1::CellVerdict verdict;
  verdict.set_p_regressed(0.05);
  verdict.set_p_improved(1);
  verdict.set_p_ok(1);
  Decide({}, 0.05, &verdict);
  EXPECT_EQ(verdict.verdict(), "REGRESSED") << "at alpha itself";
  verdict.set_p_regressed(0.0501);
  Decide({}, 0.05, &verdict);
  EXPECT_EQ(verdict.verdict(), "INCONCLUSIVE");
}

}  // namespace
}  // namespace normbench
