// SPDX-License-Identifier: Apache-2.0
#include "bench/load/pacing.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <thread>

namespace normbench {
namespace {

TEST(SleepUntil, NeverEndsBeforeItsTime) {
  for (const auto sleep : {std::chrono::microseconds(-100), std::chrono::microseconds(0),
                           std::chrono::microseconds(150), std::chrono::microseconds(3000)}) {
    const Clock::time_point until = Clock::now() + sleep;
    SleepUntil(until);
    EXPECT_GE(Clock::now(), until);
  }
}

TEST(UseExactTimers, ConcernsTheCallingThreadOnly) {
  const int before = prctl(PR_GET_TIMERSLACK);
  std::thread([] {
    UseExactTimers();
    EXPECT_EQ(prctl(PR_GET_TIMERSLACK), 1);
  }).join();
  EXPECT_EQ(prctl(PR_GET_TIMERSLACK), before);
}

TEST(ThreadCpuSeconds, CountsWorkAndNotSleep) {
  const double before = ThreadCpuSeconds();
  SleepUntil(Clock::now() + std::chrono::milliseconds(30));
  const double slept = ThreadCpuSeconds();
  EXPECT_LT(slept - before, 0.03);
  while (ThreadCpuSeconds() < slept + 0.01) {
  }
  double others = 1;
  std::thread([&others] { others = ThreadCpuSeconds(); }).join();
  EXPECT_LT(others, slept + 0.01) << "another thread has a count of its own";
}

}  // namespace
}  // namespace normbench
