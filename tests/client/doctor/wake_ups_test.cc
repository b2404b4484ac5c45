// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/wake_ups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace normbench {
namespace {

TEST(WakeUpsTest, AreNeverEarlyAndSorted) {
  const auto late = MeasureWakeUps(0.05, [] { return false; });
  ASSERT_FALSE(late.empty());
  EXPECT_LE(late.size(), 50);
  EXPECT_TRUE(std::is_sorted(late.begin(), late.end()));
  EXPECT_GE(late.front(), 0);
}

TEST(WakeUpsTest, EndWhenAskedTo) {
  int questions = 0;
  EXPECT_EQ(MeasureWakeUps(3600, [&] { return ++questions > 3; }).size(), 3);
}

}  // namespace
}  // namespace normbench
