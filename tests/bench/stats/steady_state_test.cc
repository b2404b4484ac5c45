// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/steady_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

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

TEST(SteadyState, FindsTheEndOfAWarmUp) {
  std::vector<double> series = Steady(1000);
  for (size_t i = 0; i < 100; ++i) series[i] += 2;
  const SteadyState found = FindSteadyState(series);
  EXPECT_TRUE(found.steady);
  EXPECT_GE(found.discard, 100u);
  EXPECT_LE(found.discard, 130u);
}

TEST(SteadyState, FindsTheEndOfADecay) {
  std::vector<double> series = Steady(2000);
  for (size_t i = 0; i < series.size(); ++i) series[i] += 5 * std::exp(-1.0 * i / 40);
  const SteadyState found = FindSteadyState(series);
  EXPECT_TRUE(found.steady);
  EXPECT_GE(found.discard, 100u);  // there it is still 8 noise widths high
  EXPECT_LE(found.discard, 400u);  // there it is 0.005 of one
}

TEST(SteadyState, DiscardsLittleOfWhatIsSteady) {
  int steady = 0;
  size_t discarded = 0;
  for (int seed = 0; seed < 100; ++seed) {
    const SteadyState found = FindSteadyState(Steady(1000, seed));
    steady += found.steady;
    discarded += found.discard;
  }
  EXPECT_GE(steady, 90);
  EXPECT_LE(discarded, 100u * 200);
}

TEST(SteadyState, KnownLiteral) {
  // Means of five: 10, 2, 1, 2, 1, 2, 1, 2. Sum of squares / count^2 from the first mean
  // on 65.875/64; from the second on 1.7143/49 = .0350; from the third on 1.5/36 = .0417;
  // then 1.2/25 and 1/16.
  std::vector<double> series;
  for (double mean : {10, 2, 1, 2, 1, 2, 1, 2}) {
    for (double offset : {-0.5, 0.5, 0.0, 0.25, -0.25}) series.push_back(mean + offset);
  }
  const SteadyState found = FindSteadyState(series);
  EXPECT_TRUE(found.steady);
  EXPECT_EQ(found.discard, 5u);
}

TEST(SteadyState, ATrendIsNotSteady) {
  std::vector<double> series(1000);
  for (size_t i = 0; i < series.size(); ++i) series[i] = static_cast<double>(i);
  EXPECT_FALSE(FindSteadyState(series).steady);
}

TEST(SteadyState, AWarmUpOfMoreThanHalfIsNotSteady) {
  std::vector<double> series = Steady(1000);
  for (size_t i = 0; i < 700; ++i) series[i] += 2;
  EXPECT_FALSE(FindSteadyState(series).steady);
}

TEST(SteadyState, TooShortIsNotSteady) {
  EXPECT_FALSE(FindSteadyState({}).steady);
  EXPECT_FALSE(FindSteadyState(std::vector<double>(19, 1.0)).steady);
  const SteadyState found = FindSteadyState(std::vector<double>(20, 1.0));
  EXPECT_TRUE(found.steady);
  EXPECT_EQ(found.discard, 0u);
}

}  // namespace
}  // namespace normbench
