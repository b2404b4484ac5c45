// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/detectable.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace normbench {
namespace {

// z of 95 % and 80 % from tables: 1.6449 + 0.8416 = 2.4865.
TEST(DetectableEffect, KnownValues) {
  EXPECT_NEAR(DetectableEffect(0.05, 0.03, 12, 0.05, 0.8),
              1.05 * std::exp(2.4865 * 1.25 * 0.03 / std::sqrt(12)) - 1, 1e-5);
  // Beyond the margin, for standard deviations of 3, 5 and 8 % and 12 and 20 rounds, in logarithms.
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.03, 12, 0.05, 0.8)), 0.027, 5e-4);
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.03, 20, 0.05, 0.8)), 0.021, 5e-4);
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.05, 12, 0.05, 0.8)), 0.045, 5e-4);
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.05, 20, 0.05, 0.8)), 0.035, 5e-4);
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.08, 12, 0.05, 0.8)), 0.072, 5e-4);
  EXPECT_NEAR(std::log1p(DetectableEffect(0, 0.08, 20, 0.05, 0.8)), 0.056, 5e-4);
}

TEST(DetectableEffect, ANoiselessOneIsTheMargin) {
  EXPECT_DOUBLE_EQ(DetectableEffect(0.05, 0, 12, 0.05, 0.8), 0.05);
}

TEST(DetectableEffect, NothingIsFoundInUnknownNoise) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(DetectableEffect(0.05, infinity, 12, 0.05, 0.8), infinity);
  EXPECT_EQ(RoundsToDetect(0.05, infinity, 0.1, 0.05, 0.8, 100), 101);
}

TEST(RoundsToDetect, IsTheFirstThatDetectsIt) {
  for (const double sd : {0.02, 0.05, 0.1}) {
    for (const double effect : {0.08, 0.1, 0.2}) {
      const int rounds = RoundsToDetect(0.05, sd, effect, 0.05, 0.8, 10000);
      EXPECT_LE(DetectableEffect(0.05, sd, rounds, 0.05, 0.8), effect) << sd << " " << effect;
      if (rounds > 1) {
        EXPECT_GT(DetectableEffect(0.05, sd, rounds - 1, 0.05, 0.8), effect) << sd << " " << effect;
      }
    }
  }
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, DetectableEffect(0.05, 0.05, 9, 0.05, 0.8), 0.05, 0.8, 99),
            9);
  // (2.4865 * 1.25 * 0.05 / ln(1.10 / 1.05))^2 = 11.16.
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, 0.1, 0.05, 0.8, 10000), 12);
}

TEST(RoundsToDetect, OneMoreThanMostWhereThatIsNotEnough) {
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, 0.1, 0.05, 0.8, 12), 12);
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, 0.1, 0.05, 0.8, 11), 12);
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, 0.1, 0.05, 0.8, 10), 11);
  EXPECT_EQ(RoundsToDetect(0.05, 0.05, 0.04, 0.05, 0.8, 1000), 1001) << "below the margin";
  EXPECT_EQ(RoundsToDetect(0.05, 1e-9, 0.1, 0.05, 0.8, 1000), 1);
}

}  // namespace
}  // namespace normbench
