// SPDX-License-Identifier: Apache-2.0
#include "server/exec/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace normbench {
namespace {

using SteadyClock = std::chrono::steady_clock;

TEST(Mutex, LetsInOneAtATime) {
  Mutex mutex;
  int sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10000; ++k) {
        MutexLock lock(&mutex);
        ++sum;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 40000);
}

TEST(CondVar, WaitsUntilTheDeadline) {
  Mutex mutex;
  CondVar condition;
  MutexLock lock(&mutex);
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(50);
  int wakes = 0;
  for (; SteadyClock::now() < deadline; ++wakes) condition.WaitUntil(&mutex, deadline);
  EXPECT_LT(wakes, 10) << "it returns at once";
}

TEST(CondVar, ANotificationEndsAWaitWithoutDeadline) {
  Mutex mutex;
  CondVar condition;
  bool notified = false;
  std::thread notifier([&] {
    MutexLock lock(&mutex);
    notified = true;
    condition.NotifyAll();
  });
  {
    MutexLock lock(&mutex);
    while (!notified) condition.WaitUntil(&mutex, SteadyClock::time_point::max());
  }
  notifier.join();
  EXPECT_TRUE(notified);
}

}  // namespace
}  // namespace normbench
