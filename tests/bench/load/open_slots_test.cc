// SPDX-License-Identifier: Apache-2.0
#include "bench/load/open_slots.h"

#include <gtest/gtest.h>

#include <thread>

namespace normbench {
namespace {

TEST(OpenSlots, KeepsWhatIsUnderWay) {
  OpenSlots slots(2);
  const auto first = slots.Take({.input = 7}, false);
  const auto second = slots.Take({.input = 8}, false);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(slots.busy(), 2);
  EXPECT_EQ(slots.Get(*second).input, 8);
  EXPECT_FALSE(slots.Get(*second).waited);
  EXPECT_GT(slots.Get(*second).sent, Clock::time_point());
  slots.GiveBack(*first);
  EXPECT_EQ(slots.busy(), 1);
  ASSERT_EQ(slots.UnderWay().size(), 1u);
  EXPECT_EQ(slots.UnderWay()[0].input, 8);
}

TEST(OpenSlots, WithoutAFreeOneThereIsNothingOrAWait) {
  OpenSlots slots(1);
  const int slot = *slots.Take({}, true);
  EXPECT_FALSE(slots.Take({}, false).has_value());
  std::thread other([&] { slots.GiveBack(slot); });
  const auto next = slots.Take({.input = 9}, true);
  other.join();
  EXPECT_EQ(next, slot);
  EXPECT_EQ(slots.Get(slot).input, 9);
}

TEST(OpenSlots, WhoWaitsHearsTheEnd) {
  OpenSlots slots(1);
  slots.Take({}, true);
  std::thread other([&] { slots.End(); });
  EXPECT_FALSE(slots.Take({}, true).has_value());
  other.join();
  EXPECT_TRUE(slots.ended());
  slots.GiveBack(0);
  EXPECT_FALSE(slots.Take({}, true).has_value()) << "nobody gets one any more";
}

}  // namespace
}  // namespace normbench
