// SPDX-License-Identifier: Apache-2.0
#include "client/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace normbench {
namespace {

bool IsBlocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

TEST(InterruptTest, ASignalIsAQuestion) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());
  raise(SIGINT);  // would end the test otherwise
  EXPECT_TRUE(interrupt.requested());
  EXPECT_TRUE(interrupt.requested()) << "stays true";
}

TEST(InterruptDeathTest, TheSecondSignalKills) {
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        raise(SIGTERM);
        if (!interrupt.requested()) exit(1);
        raise(SIGINT);
        exit(2);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptTest, LeavesTheSignalsAsTheyWere) {
  {
    Interrupt interrupt;
    EXPECT_TRUE(IsBlocked(SIGINT));
    EXPECT_TRUE(IsBlocked(SIGTERM));
  }
  EXPECT_FALSE(IsBlocked(SIGINT));
  EXPECT_FALSE(IsBlocked(SIGTERM));
}

}  // namespace
}  // namespace normbench
