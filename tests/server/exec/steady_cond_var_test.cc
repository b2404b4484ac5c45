// SPDX-License-Identifier: Apache-2.0
#include "server/exec/steady_cond_var.h"

#include <gtest/gtest.h>

#include <thread>

namespace normbench {
namespace {

using SteadyClock = std::chrono::steady_clock;

TEST(SteadyCondVar, WaitsUntilTheDeadline) {
  absl::Mutex mutex;
  SteadyCondVar condition;
  absl::MutexLock lock(&mutex);
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(5);
  while (SteadyClock::now() < deadline) condition.WaitUntil(&mutex, deadline);
  mutex.AssertHeld();
  EXPECT_GE(SteadyClock::now(), deadline);
}

TEST(SteadyCondVar, ANotificationEndsAWaitWithoutDeadline) {
  absl::Mutex mutex;
  SteadyCondVar condition;
  bool notified = false;
  std::thread notifier([&] {
    absl::MutexLock lock(&mutex);
    notified = true;
    condition.NotifyAll();
  });
  {
    absl::MutexLock lock(&mutex);
    while (!notified) condition.WaitUntil(&mutex, SteadyClock::time_point::max());
    mutex.AssertHeld();
  }
  notifier.join();
}

}  // namespace
}  // namespace normbench
