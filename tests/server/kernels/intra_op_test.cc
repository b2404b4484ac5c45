// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/intra_op.h"

#include <gtest/gtest.h>

#include <thread>

namespace normbench {
namespace {

TEST(IntraOp, IsOneUntilSet) {
  std::thread([] { EXPECT_EQ(IntraOpThreads(), 1); }).join();
}

TEST(IntraOp, IsTheCallingThreadsOwn) {
  SetIntraOpThreads(3);
  std::thread([] {
    EXPECT_EQ(IntraOpThreads(), 1);
    SetIntraOpThreads(5);
    EXPECT_EQ(IntraOpThreads(), 5);
  }).join();
  EXPECT_EQ(IntraOpThreads(), 3);
  SetIntraOpThreads(1);
  EXPECT_EQ(IntraOpThreads(), 1);
}

}  // namespace
}  // namespace normbench
