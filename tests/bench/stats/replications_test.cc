// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/replications.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace normbench {
namespace {

TEST(ReplicationInterval, IsStudentsTOnLogarithms) {
  // Logarithms 0, 0.1, 0.2: standard deviation 0.1, t with 2 degrees of freedom 4.3027 (tables).
  const std::vector<double> found = {1, std::exp(0.1), std::exp(0.2)};
  const double value = std::exp(0.1);
  const auto interval = ReplicationInterval(value, found, 0.95);
  ASSERT_TRUE(interval.has_value());
  const double half = 4.30265 * 0.1 / std::sqrt(3);
  EXPECT_NEAR(std::log(interval->high / value), half, 1e-5);
  EXPECT_NEAR(std::log(value / interval->low), half, 1e-5);
}

// One disturbed visit may set the quantile of all: the interval has what the others found in it.
TEST(ReplicationInterval, HoldsTheReplicationsOfAValueFarFromThem) {
  const std::vector<double> found = {1, 1, 1, 1, 10};
  const auto interval = ReplicationInterval(10, found, 0.95);
  ASSERT_TRUE(interval.has_value());
  EXPECT_LT(interval->low, 1);
  EXPECT_GT(interval->high, 100);
}

TEST(ReplicationInterval, IsAPointWhereAllAgree) {
  const std::vector<double> found = {3e-6, 3e-6};
  const auto interval = ReplicationInterval(3e-6, found, 0.95);
  ASSERT_TRUE(interval.has_value());
  EXPECT_DOUBLE_EQ(interval->low, 3e-6);
  EXPECT_DOUBLE_EQ(interval->high, 3e-6);
}

TEST(ReplicationInterval, NeedsTwoFiniteTimes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(ReplicationInterval(1, std::vector<double>{1}, 0.95).has_value());
  EXPECT_FALSE(ReplicationInterval(1, std::vector<double>{1, kInfinity}, 0.95).has_value());
  EXPECT_FALSE(ReplicationInterval(1, std::vector<double>{1, 0}, 0.95).has_value());
  EXPECT_FALSE(ReplicationInterval(kInfinity, std::vector<double>{1, 2}, 0.95).has_value());
}

// Five replications whose level differs by 2 % each: the interval holds the true level in about
// 95 % of the experiments, whatever it is that makes the levels differ.
TEST(ReplicationInterval, CoversTheTruth) {
  std::mt19937 random(1);
  std::normal_distribution<double> level(0, 0.02);
  constexpr int kExperiments = 4000;
  int covered = 0;
  for (int i = 0; i < kExperiments; ++i) {
    std::vector<double> found;
    double sum = 0;
    for (int visit = 0; visit < 5; ++visit) {
      const double log = level(random);
      sum += log;
      found.push_back(std::exp(log));
    }
    const auto interval = ReplicationInterval(std::exp(sum / 5), found, 0.95);
    covered += interval->low <= 1 && 1 <= interval->high;
  }
  // Three standard deviations of the count around 95 %.
  EXPECT_NEAR(covered / static_cast<double>(kExperiments), 0.95, 0.0104);
}

}  // namespace
}  // namespace normbench
