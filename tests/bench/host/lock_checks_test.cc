// SPDX-License-Identifier: Apache-2.0
#include "bench/host/lock_checks.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "absl/synchronization/mutex.h"

namespace normbench {
namespace {

// Twice is an order that a second thread could turn into a deadlock: the check ends the process.
void LockInBothOrders() {
  absl::Mutex a, b;
  for (const auto& [first, second] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    const absl::MutexLock outer(first);
    const absl::MutexLock inner(second);
  }
}

TEST(StopLockChecks, NoOrderEndsTheProcess) {
  EXPECT_EXIT(
      {
        StopLockChecks();
        LockInBothOrders();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace normbench
