// SPDX-License-Identifier: Apache-2.0
#include "server/faults/idle_burner.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>

namespace normbench {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

void AwaitNoDebt(const IdleBurner& burner) {
  while (burner.debt() > nanoseconds(0)) std::this_thread::yield();
}

TEST(IdleBurner, BurnsWhatIsOwedAtIdlePriority) {
  std::atomic<int> reads = 0;
  std::atomic<int> policy = -1;
  {
    const auto burner = IdleBurner::Start({.cpu_time = [&] {
                          policy = sched_getscheduler(0);
                          return nanoseconds(microseconds(++reads));
                        }}).value();
    burner->Owe(microseconds(50));
    AwaitNoDebt(*burner);
  }
  EXPECT_EQ(reads, 51) << "the beginning, and every microsecond of CPU time";
  EXPECT_EQ(policy, SCHED_IDLE);
}

TEST(IdleBurner, ForgetsWhatIsBeyondTheMost) {
  std::atomic<bool> stands_still = true;  // nothing gets paid
  std::atomic<int64_t> cpu = 0;
  const auto cpu_time = [&] { return stands_still ? nanoseconds(0) : nanoseconds(cpu += 1000); };
  const auto burner =
      IdleBurner::Start({.max_debt = microseconds(70), .cpu_time = cpu_time}).value();
  burner->Owe(microseconds(50));
  EXPECT_EQ(burner->debt(), microseconds(50));
  burner->Owe(microseconds(50));
  EXPECT_EQ(burner->debt(), microseconds(70));
  stands_still = false;
  AwaitNoDebt(*burner);
}

TEST(IdleBurner, EndsWithoutPaying) {
  const auto burner = IdleBurner::Start().value();
  burner->Owe(seconds(3600));
  EXPECT_LE(burner->debt(), seconds(1));
  EXPECT_GT(burner->debt(), seconds(0));
}

TEST(ThreadCpuTime, GoesOnWithWork) {
  const nanoseconds before = ThreadCpuTime();
  while (ThreadCpuTime() == before) {
  }
  EXPECT_GT(ThreadCpuTime(), before);
}

}  // namespace
}  // namespace normbench
