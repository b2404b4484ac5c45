// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/steady_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "bench/stats/clip.h"

namespace normbench {
namespace {

// Noise around 1, from a fixed seed.
std::vector<double> Steady(size_t n, int seed = 11) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(1, 0.05);
  std::vector<double> series(n);
  for (double& value : series) value = noise(random);
  return series;
}

// The same with 1 % spikes of up to three times the usual, as preemptions make them.
std::vector<double> Spiky(size_t n, int seed) {
  std::vector<double> series = Steady(n, seed);
  std::mt19937_64 random(1000 + seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (double& value : series) {
    if (uniform(random) < 0.01) value *= 1 + 2 * uniform(random);
  }
  return series;
}

TEST(SteadyState, FindsTheEndOfAWarmUp) {
  std::vector<double> series = Steady(1000);
  for (size_t i = 0; i < 100; ++i) series[i] += 2;
  const SteadyState found = FindSteadyState(series);
  EXPECT_EQ(found.steadiness, Steadiness::kSteady);
  EXPECT_GE(found.discard, 100u);
  EXPECT_LE(found.discard, 130u);
}

TEST(SteadyState, FindsTheEndOfADecay) {
  std::vector<double> series = Steady(2000);
  for (size_t i = 0; i < series.size(); ++i) series[i] += 5 * std::exp(-1.0 * i / 40);
  const SteadyState found = FindSteadyState(series);
  EXPECT_EQ(found.steadiness, Steadiness::kSteady);
  EXPECT_GE(found.discard, 100u);  // there it is still 8 noise widths high
  EXPECT_LE(found.discard, 400u);  // there it is 0.005 of one
}

TEST(SteadyState, SeldomDoubtsWhatIsSteady) {
  constexpr int kSeries = 1000;
  int doubted = 0;
  size_t discarded = 0;
  for (int seed = 0; seed < kSeries; ++seed) {
    const SteadyState found = FindSteadyState(ClipOutliers(Spiky(1000, seed)));
    doubted += found.steadiness != Steadiness::kSteady;
    discarded += found.discard;
  }
  EXPECT_LT(doubted, kSeries * 2 / 100);
  EXPECT_LT(discarded, kSeries * 150u);
}

TEST(SteadyState, CutsWarmUpsOfAnyLengthBetweenSpikes) {
  for (const size_t warm_up : {20, 100, 300}) {
    int cut = 0;
    for (int seed = 0; seed < 100; ++seed) {
      std::vector<double> series = Spiky(1000, seed);
      for (size_t i = 0; i < warm_up; ++i) series[i] += 1;
      const SteadyState found = FindSteadyState(ClipOutliers(series));
      cut += found.steadiness == Steadiness::kSteady && found.discard >= warm_up;
    }
    EXPECT_GE(cut, 95) << warm_up;
  }
}

TEST(SteadyState, DoubtsTheShortestSeriesSeldom) {
  int doubted = 0;
  for (int seed = 0; seed < 1000; ++seed) {
    const auto series = ClipOutliers(Spiky(kShortestTested, seed));
    doubted += FindSteadyState(series).steadiness == Steadiness::kNotSteady;
  }
  EXPECT_LT(doubted, 60);
}

TEST(SteadyState, KnownLiteral) {
  // 10 twice, then 1 and 2 in turn. Means of five, 42 of them: sum of squares / count^2 is least
  // from the third on (10 / 40^2); with one more at the beginning 74.1 / 41^2 is above it.
  std::vector<double> series;
  for (int i = 0; i < 42; ++i) {
    const double mean = i < 2 ? 10 : 1 + i % 2;
    for (double offset : {-0.5, 0.5, 0.0, 0.25, -0.25}) series.push_back(mean + offset);
  }
  const SteadyState found = FindSteadyState(series);
  EXPECT_EQ(found.steadiness, Steadiness::kSteady);
  EXPECT_EQ(found.discard, 10u);
}

// Of 41 means a cut after 20 leaves more than half, one after 21 does not.
TEST(SteadyState, TheMiddleOfAnOddNumberOfMeans) {
  for (const auto& [warm_up, expected] :
       {std::pair(100, Steadiness::kSteady), std::pair(105, Steadiness::kNotSteady)}) {
    std::vector<double> series;
    for (int i = 0; i < 205; ++i) series.push_back(i < warm_up ? 9 : 1 + 0.01 * (i % 5));
    EXPECT_EQ(FindSteadyState(series).steadiness, expected) << warm_up;
  }
}

TEST(SteadyState, ATrendIsNotSteady) {
  std::vector<double> series(1000);
  for (size_t i = 0; i < series.size(); ++i) series[i] = static_cast<double>(i);
  EXPECT_EQ(FindSteadyState(series).steadiness, Steadiness::kNotSteady);
}

TEST(SteadyState, ATrendBetweenSpikesIsNotSteady) {
  int doubted = 0;
  for (int seed = 0; seed < 100; ++seed) {
    std::vector<double> series = Spiky(1000, seed);
    for (size_t i = 0; i < series.size(); ++i) series[i] += 0.0005 * static_cast<double>(i);
    doubted += FindSteadyState(ClipOutliers(series)).steadiness == Steadiness::kNotSteady;
  }
  EXPECT_GE(doubted, 95);
}

TEST(SteadyState, AWarmUpOfMoreThanHalfIsNotSteady) {
  for (const size_t warm_up : {600, 700, 900}) {
    std::vector<double> series = Steady(1000);
    for (size_t i = 0; i < warm_up; ++i) series[i] += 2;
    const SteadyState found = FindSteadyState(series);
    EXPECT_EQ(found.steadiness, Steadiness::kNotSteady) << warm_up;
    EXPECT_EQ(found.discard, 0u);
  }
}

TEST(SteadyState, TooShortIsNotTested) {
  EXPECT_EQ(FindSteadyState({}).steadiness, Steadiness::kNotTested);
  EXPECT_EQ(FindSteadyState(std::vector<double>(199, 1.0)).steadiness, Steadiness::kNotTested);
  const SteadyState found = FindSteadyState(std::vector<double>(200, 1.0));
  EXPECT_EQ(found.steadiness, Steadiness::kSteady);
  EXPECT_EQ(found.discard, 0u);
}

}  // namespace
}  // namespace normbench
