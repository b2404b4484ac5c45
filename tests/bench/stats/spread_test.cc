// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/spread.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StandardDeviation, KnownValues) {
  EXPECT_DOUBLE_EQ(StandardDeviation(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9}),
                   std::sqrt(32.0 / 7));
  EXPECT_EQ(StandardDeviation(std::vector<double>{3, 3, 3}), 0);
  // A large mean costs no digits.
  EXPECT_DOUBLE_EQ(StandardDeviation(std::vector<double>{1e9 + 1, 1e9 + 2, 1e9 + 3}), 1);
}

TEST(StandardDeviation, InfiniteWhereNothingIsKnown) {
  EXPECT_EQ(StandardDeviation({}), kInfinity);
  EXPECT_EQ(StandardDeviation(std::vector<double>{1}), kInfinity);
  EXPECT_EQ(StandardDeviation(std::vector<double>{1, 2, kInfinity}), kInfinity);
  EXPECT_EQ(StandardDeviation(std::vector<double>{-kInfinity, kInfinity}), kInfinity);
}

TEST(RobustDeviation, KnownValues) {
  // Distances from the median 3 are 2, 1, 0, 1, 7: the median distance is 1.
  EXPECT_DOUBLE_EQ(RobustDeviation(std::vector<double>{1, 2, 3, 4, 10}), 1.482602218505602);
  EXPECT_EQ(RobustDeviation(std::vector<double>{3, 3, 3, 9}), 0);
}

TEST(RobustDeviation, WhatIsFarOffMayBeAnywhere) {
  const double near = RobustDeviation(std::vector<double>{1, 2, 3, 4, 10});
  EXPECT_EQ(RobustDeviation(std::vector<double>{1, 2, 3, 4, kInfinity}), near);
  EXPECT_EQ(RobustDeviation(std::vector<double>{1, kInfinity, kInfinity}), kInfinity);
  EXPECT_EQ(RobustDeviation(std::vector<double>{-kInfinity, kInfinity}), kInfinity);
  EXPECT_EQ(RobustDeviation(std::vector<double>{1}), kInfinity);
}

TEST(Spread, BothEstimateThatOfNormalValues) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(5, 0.1);
  std::vector<double> values(20000);
  for (double& value : values) value = normal(random);
  EXPECT_NEAR(StandardDeviation(values), 0.1, 0.002);
  EXPECT_NEAR(RobustDeviation(values), 0.1, 0.003);
}

}  // namespace
}  // namespace normbench
