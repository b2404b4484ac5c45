// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/median.h"

#include <gtest/gtest.h>

#include <limits>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();

TEST(Midpoint, IsHalfway) {
  EXPECT_EQ(Midpoint(1, 4, 0), 2.5);
  EXPECT_EQ(Midpoint(-1, 1, 7), 0);
  EXPECT_EQ(Midpoint(kLargest, kLargest, 0), kLargest) << "not their sum";
}

TEST(Midpoint, OfInfiniteValues) {
  EXPECT_EQ(Midpoint(kInfinity, 1, 7), kInfinity);
  EXPECT_EQ(Midpoint(-1, -kInfinity, 7), -kInfinity);
  EXPECT_EQ(Midpoint(kInfinity, kInfinity, 7), kInfinity);
  EXPECT_EQ(Midpoint(kInfinity, -kInfinity, 7), 7);
  EXPECT_EQ(Midpoint(-kInfinity, kInfinity, -kInfinity), -kInfinity);
}

TEST(Median, OfOddAndEvenNumbersInAnyOrder) {
  EXPECT_EQ(Median({3}), 3);
  EXPECT_EQ(Median({4, 1}), 2.5);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median({9, 1, 7, 5}), 6);
  EXPECT_EQ(Median({2, 2, 2, 1, 3, 2}), 2);
}

TEST(Median, IsInfiniteOnlyWhereHalfOfThemAre) {
  EXPECT_EQ(Median({kInfinity, 1, kInfinity, 2, 3}), 3);
  EXPECT_EQ(Median({kInfinity, 1, 2, kInfinity}), kInfinity);
  EXPECT_EQ(Median({kInfinity, -kInfinity}), 0);
}

}  // namespace
}  // namespace normbench
