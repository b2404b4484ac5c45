// SPDX-License-Identifier: Apache-2.0
#include "bench/load/slot_pool.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

const Clock::time_point kStart = Clock::time_point() + std::chrono::hours(1);

Clock::time_point At(int milliseconds) {
  return kStart + std::chrono::milliseconds(milliseconds);
}

TEST(SlotPool, GivesEachSlotOnceAndTheLatestFirst) {
  SlotPool pool(2);
  EXPECT_EQ(pool.Take(kStart), 0);
  EXPECT_EQ(pool.Take(kStart), 1);
  EXPECT_EQ(pool.Take(kStart), std::nullopt);
  EXPECT_EQ(pool.busy(), 2);
  pool.GiveBack(0, false, kStart);
  EXPECT_EQ(pool.busy(), 1);
  EXPECT_FALSE(pool.IsBusy(0));
  EXPECT_TRUE(pool.IsBusy(1));
  EXPECT_EQ(pool.Take(kStart), 0);
}

TEST(SlotPool, KnowsWhatIsNoSlot) {
  const SlotPool pool(2);
  EXPECT_FALSE(pool.IsBusy(-1));
  EXPECT_FALSE(pool.IsBusy(2));
}

TEST(SlotPool, AFailedSlotRestsAndTheOthersDoNot) {
  SlotPool pool(2);
  pool.Take(At(0));
  pool.Take(At(0));
  EXPECT_EQ(pool.NextRested(), std::nullopt);
  pool.GiveBack(0, true, At(0));
  pool.GiveBack(1, false, At(0));
  EXPECT_EQ(pool.NextRested(), At(1));
  EXPECT_EQ(pool.Take(At(0)), 1);
  EXPECT_EQ(pool.Take(At(0)), std::nullopt);
  EXPECT_EQ(pool.Take(At(1)), 0);
  EXPECT_EQ(pool.NextRested(), std::nullopt);
}

TEST(SlotPool, RestsLongerWithEachFailureInARowUpToABound) {
  SlotPool pool(1);
  int now = 0;
  for (const int rest : {1, 2, 4, 8, 16, 20, 20}) {
    ASSERT_EQ(pool.Take(At(now)), 0);
    pool.GiveBack(0, true, At(now));
    EXPECT_EQ(pool.NextRested(), At(now + rest));
    now += rest;
  }
  ASSERT_EQ(pool.Take(At(now)), 0);
  pool.GiveBack(0, false, At(now));
  ASSERT_EQ(pool.Take(At(now)), 0);
  pool.GiveBack(0, true, At(now));
  EXPECT_EQ(pool.NextRested(), At(now + 1)) << "a success forgives";
}

TEST(SlotPool, SaysWhoHasRestedFirst) {
  SlotPool pool(2);
  pool.Take(At(0));
  pool.Take(At(0));
  pool.GiveBack(1, true, At(5));
  pool.GiveBack(0, true, At(3));
  EXPECT_EQ(pool.NextRested(), At(4));
}

}  // namespace
}  // namespace normbench
