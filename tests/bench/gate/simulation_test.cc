// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/simulation.h"

#include <cmath>

#include "bench/stats/spread.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<GatedCell> Cells() {
  return {CellOf("x", {{"p50", 0.05}, {"p99", 0.1}, {"samples_per_s", 0.05}}), CellOf("y")};
}

Rounds Simulated(const std::vector<GatedCell>& cells, const SimulationOptions& options, int n) {
  SimulatedRounds source(cells, options);
  Rounds rounds;
  for (int i = 1; i <= n; ++i) {
    auto round = source.Measure({i, "main", {0}});
    EXPECT_TRUE(round.ok());
    round->set_phase("main");
    *rounds.Add() = *std::move(round);
  }
  return rounds;
}

TEST(NoiseLevels, AreThoseOfTheMeasurementRules) {
  const auto levels = NoiseLevels();
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_EQ(levels[0].name, "quiet");
  EXPECT_EQ(levels[1].name, "noisy");
  EXPECT_EQ(levels[2].name, "bad");
  EXPECT_EQ(levels[1].drift, 0.06);
  EXPECT_EQ(levels[1].residual, 0.03);
  EXPECT_EQ(levels[1].spikes, 0.08);
}

TEST(SimulatedRounds, TheSameSeedGivesTheSameRounds) {
  const auto cells = Cells();
  const auto text = [&](uint64_t seed) {
    const Rounds rounds = Simulated(cells, {.noise = NoiseLevels()[1], .seed = seed}, 3);
    std::string all;
    for (const v1::Round& round : rounds) all += round.DebugString();
    return all;
  };
  EXPECT_EQ(text(7), text(7));
  EXPECT_NE(text(7), text(8));
}

TEST(SimulatedRounds, VisitsEveryArmWithTheAskedCells) {
  const auto cells = Cells();
  SimulatedRounds source(cells, {.noise = NoiseLevels()[0], .visit_seconds = 2.5});
  const auto round = source.Measure({1, "main", {0, 1}});
  ASSERT_TRUE(round.ok());
  std::vector<std::string> arms;
  for (const v1::ArmVisit& visit : round->visits()) {
    arms.push_back(visit.arm());
    ASSERT_EQ(visit.cells_size(), 2);
    EXPECT_EQ(visit.cells(0).key(), "x");
    EXPECT_EQ(visit.cells(0).metrics_size(), 3);
    EXPECT_EQ(visit.cells(1).metrics_size(), 1);
  }
  EXPECT_THAT(arms, UnorderedElementsAre("A", "A'", "B"));
  EXPECT_EQ(source.Seconds(), 7.5);
  const auto fresh = source.Measure({2, "confirmation", {1}});
  EXPECT_EQ(fresh->visits_size(), 2);
  EXPECT_EQ(fresh->visits(0).cells(0).key(), "y");
  EXPECT_EQ(source.Seconds(), 12.5);
}

TEST(SimulatedRounds, EffectIsExactWithoutNoise) {
  const auto cells = Cells();
  const Rounds rounds = Simulated(cells, {.noise = {}, .effect = 0.1}, 2);
  for (const char* metric : {"p50", "p99", "samples_per_s"}) {
    const PairSeries series = PairsOf(rounds, {"main"}, "x", metric);
    EXPECT_THAT(series.effect, ElementsAre(::testing::DoubleNear(std::log(1.1), 1e-12),
                                           ::testing::DoubleNear(std::log(1.1), 1e-12)))
        << metric << " is worse";
    EXPECT_THAT(series.floor, ElementsAre(0, 0));
  }
}

std::vector<double> Logarithms(const NoiseLevel& noise, const char* metric) {
  const auto cells = Cells();
  std::vector<double> logarithms;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Rounds rounds = Simulated(cells, {.noise = noise, .seed = seed}, 10);
    for (const double a : PairsOf(rounds, {"main"}, "x", metric).a) {
      logarithms.push_back(std::log(a));
    }
  }
  return logarithms;
}

// 2000 values; those of one seed drift together, which leaves a few hundred: 5 % is 3 sigma about.
TEST(SimulatedRounds, NoiseHasTheDeviationsItSays) {
  EXPECT_NEAR(StandardDeviation(Logarithms({"", 0.06, 0, 0}, "p50")), 0.06, 0.006);
  EXPECT_NEAR(StandardDeviation(Logarithms({"", 0, 0.03, 0}, "p50")), 0.03, 0.002);
  EXPECT_NEAR(StandardDeviation(Logarithms({"", 0, 0.03, 0}, "p99")), 0.06, 0.004);
  EXPECT_NEAR(StandardDeviation(Logarithms({"", 0.06, 0.03, 0}, "p50")), std::hypot(0.06, 0.03),
              0.006);
}

TEST(SimulatedRounds, NoiseMayBeCommonToTheMetricsOfACell) {
  const auto cells = Cells();
  for (const bool common : {true, false}) {
    const Rounds rounds = Simulated(cells, {.noise = {"", 0.06, 0.03, 0.08}, .common = common}, 20);
    const PairSeries p50 = PairsOf(rounds, {"main"}, "x", "p50");
    const PairSeries p99 = PairsOf(rounds, {"main"}, "x", "p99");
    const PairSeries rate = PairsOf(rounds, {"main"}, "x", "samples_per_s");
    for (size_t i = 0; i < p50.effect.size(); ++i) {
      EXPECT_EQ(std::abs(p50.effect[i] - rate.effect[i]) < 1e-12, common);
      EXPECT_NE(p50.effect[i], p99.effect[i]) << "a tail is noisier";
    }
  }
}

TEST(SimulatedRounds, SpikesAreUpwardsAndAsOftenAsItSays) {
  const std::vector<double> logarithms = Logarithms({"", 0, 0, 0.08}, "p50");
  const double base = *std::min_element(logarithms.begin(), logarithms.end());
  const auto spikes = std::count_if(logarithms.begin(), logarithms.end(),
                                    [base](double value) { return value > base + 1e-9; });
  EXPECT_DOUBLE_EQ(base, std::log(1e-3));
  EXPECT_NEAR(static_cast<double>(spikes) / 2000, 0.08, 0.02);
}

TEST(SimulatedRounds, DriftIsSlow) {
  const auto cells = Cells();
  const Rounds rounds = Simulated(cells, {.noise = {"", 0.06, 0, 0}}, 500);
  const double between = StandardDeviation(PairsOf(rounds, {"main"}, "x", "p50").effect);
  EXPECT_LT(between, 0.05) << "of two independent values it would be 0.085";
  EXPECT_GT(between, 0.02);
}

}  // namespace
}  // namespace normbench
