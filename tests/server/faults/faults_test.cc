// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/server/faults/counted_clock.h"

namespace normbench {
namespace {

using std::chrono::microseconds;

TEST(Faults, DelaySpinsForItsShareOfThePiece) {
  CountedClock clock;
  const auto faults = Faults::Create({.delay = 0.2}, clock.Reader()).value();
  EXPECT_EQ(faults->After(microseconds(100)), microseconds(20));
  EXPECT_EQ(clock.reads(), 21) << "the beginning, and every microsecond";
  EXPECT_EQ(faults->After(microseconds(1000)), microseconds(200));
  EXPECT_EQ(clock.reads(), 21 + 201);
}

TEST(Faults, NoShareOfTimeReadsNoClock) {
  CountedClock clock;
  const auto faults = Faults::Create({.numeric = 0.5}, clock.Reader()).value();
  EXPECT_EQ(faults->After(std::chrono::hours(1)), microseconds(0));
  EXPECT_EQ(clock.reads(), 0);
  EXPECT_EQ(faults->numeric(), 0.5);
}

TEST(Faults, TailIsOneInAHundredAndComesOnTop) {
  CountedClock clock;
  const auto faults = Faults::Create({.delay = 0.1, .tail = 5}, clock.Reader()).value();
  for (uint64_t piece = 0; piece < 1000; ++piece) {
    EXPECT_EQ(faults->After(microseconds(10)), microseconds(IsInTail(piece) ? 51 : 1)) << piece;
  }
}

TEST(IsInTail, OneInAHundredWithoutAPeriod) {
  std::vector<uint64_t> slow;
  for (uint64_t piece = 0; piece < 100'000; ++piece) {
    if (IsInTail(piece)) slow.push_back(piece);
  }
  EXPECT_NEAR(static_cast<double>(slow.size()), 1000, 100);
  std::set<uint64_t> gaps;
  for (size_t i = 1; i < slow.size(); ++i) gaps.insert(slow[i] - slow[i - 1]);
  EXPECT_GT(gaps.size(), 100u);
}

// The burner's thread pays too little and too late for a test to wait for it: idle_burner_test.cc.
TEST(Faults, CpuTimeIsNoLatency) {
  CountedClock clock;
  const auto faults = Faults::Create({.cpu = 0.5}, clock.Reader()).value();
  EXPECT_EQ(faults->After(microseconds(100)), microseconds(0));
  EXPECT_EQ(clock.reads(), 0);
}

}  // namespace
}  // namespace normbench
