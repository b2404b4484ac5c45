// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/pair_series.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PairsOf, IsADifferenceOfLogarithmsARound) {
  const Rounds rounds = RoundsOf({{.a = 1, .again = 1.5, .b = 2}, {.a = 2, .again = 2, .b = 1}});
  const PairSeries series = PairsOf(rounds, {"main"}, "cell", "p50");
  EXPECT_THAT(series.effect, ElementsAre(DoubleEq(std::log(2)), DoubleEq(-std::log(2))));
  EXPECT_THAT(series.floor, ElementsAre(DoubleEq(std::log(1.5)), 0));
  EXPECT_THAT(series.a, ElementsAre(1, 2));
  EXPECT_THAT(series.b, ElementsAre(2, 1));
}

TEST(PairsOf, OfTheGivenPhasesCellAndMetricOnly) {
  Rounds rounds = RoundsOf({{.b = 2}});
  Add({{.b = 3}}, {.phase = "extension"}, &rounds);
  Add({{.b = 4}}, {.phase = "confirmation"}, &rounds);
  AddTo({.b = 5}, {.key = "other"}, rounds.Mutable(0));
  AddTo({.a = 10, .b = 6}, {.metric = "samples_per_s"}, rounds.Mutable(0));
  EXPECT_THAT(PairsOf(rounds, {"main"}, "cell", "p50").b, ElementsAre(2));
  EXPECT_THAT(PairsOf(rounds, {"main", "extension"}, "cell", "p50").b, ElementsAre(2, 3));
  EXPECT_THAT(PairsOf(rounds, {"confirmation"}, "cell", "p50").b, ElementsAre(4));
  EXPECT_THAT(PairsOf(rounds, {"main"}, "other", "p50").b, ElementsAre(5));
  EXPECT_THAT(PairsOf(rounds, {"main"}, "none", "p50").b, IsEmpty());
  EXPECT_THAT(PairsOf(rounds, {"main"}, "cell", "samples_per_s").effect,
              ElementsAre(DoubleEq(std::log(10.0 / 6))))
      << "a lower rate is worse";
}

TEST(PairsOf, LeavesOutVoidRounds) {
  Rounds rounds = RoundsOf({{.b = 2}, {.b = 3}, {.b = 4}});
  rounds.Mutable(1)->set_why_void("steal");
  EXPECT_THAT(PairsOf(rounds, {"main"}, "cell", "p50").b, ElementsAre(2, 4));
}

TEST(PairsOf, LeavesOutWhatHasNoValue) {
  Rounds rounds = RoundsOf({{}, {.again = 2}, {.b = std::nan("")}});
  rounds.Mutable(0)->mutable_visits(1)->clear_cells();                      // A'
  rounds.Mutable(1)->mutable_visits(2)->mutable_cells(0)->clear_metrics();  // B
  const PairSeries series = PairsOf(rounds, {"main"}, "cell", "p50");
  EXPECT_THAT(series.effect, ElementsAre(0));
  EXPECT_THAT(series.floor, ElementsAre(DoubleEq(std::log(2)), 0));
}

TEST(PairsOf, ConfirmationsHaveNoFloor) {
  Rounds rounds = RoundsOf({{.b = 2}});
  rounds.Mutable(0)->mutable_visits()->DeleteSubrange(1, 1);
  const PairSeries series = PairsOf(rounds, {"main"}, "cell", "p50");
  EXPECT_THAT(series.floor, IsEmpty());
  EXPECT_EQ(series.effect.size(), 1U);
}

TEST(SampleOf, FindsItByArmAndKey) {
  const Rounds rounds = RoundsOf({{.a = 1, .again = 2, .b = 3}});
  ASSERT_NE(SampleOf(rounds[0], "A'", "cell"), nullptr);
  EXPECT_EQ(SampleOf(rounds[0], "A'", "cell")->metrics().at("p50"), 2);
  EXPECT_EQ(SampleOf(rounds[0], "C", "cell"), nullptr);
  EXPECT_EQ(SampleOf(rounds[0], "A", "other"), nullptr);
}

}  // namespace
}  // namespace normbench
