// SPDX-License-Identifier: Apache-2.0
#include "server/exec/stall_once.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

using std::chrono::milliseconds;

TEST(StallOnce, HoldsWhatComesDuringTheStall) {
  StallOnce stall(1.0, 0.5);
  const Deadline first(std::chrono::hours(5));
  EXPECT_EQ(stall.HoldUntil(first), first) << "starts the clock";
  const auto held = [&](int ms) {
    const Deadline at = first + milliseconds(ms);
    return std::chrono::duration_cast<milliseconds>(stall.HoldUntil(at) - at).count();
  };
  EXPECT_EQ(held(499), 0);
  EXPECT_EQ(held(600), 1000) << "begins with the first one after half a second";
  EXPECT_EQ(held(1500), 100);
  EXPECT_EQ(held(1600), 0);
  EXPECT_EQ(held(99999), 0) << "once";
}

}  // namespace
}  // namespace normbench
