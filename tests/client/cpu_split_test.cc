// SPDX-License-Identifier: Apache-2.0
#include "client/cpu_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CpuSplitTest, TheLastOneIsTheClients) {
  const CpuSplit split = SplitCpus({0, 2, 5});
  EXPECT_THAT(split.server, ElementsAre(0, 2));
  EXPECT_THAT(split.client, ElementsAre(5));
}

TEST(CpuSplitTest, ASingleOneIsShared) {
  EXPECT_THAT(SplitCpus({3}).server, IsEmpty());
  EXPECT_THAT(SplitCpus({3}).client, IsEmpty());
  EXPECT_THAT(SplitCpus(std::vector<int>()).client, IsEmpty());
}

// In a thread of its own: what it is restricted to ends with it.
TEST(CpuSplitTest, RestrictsTheCallingThread) {
  std::thread([] {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
    int last = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<size_t>(cpu), &before)) last = cpu;
    }
    ASSERT_TRUE(UseCpus({last}).ok());
    cpu_set_t after;
    ASSERT_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
    EXPECT_EQ(CPU_COUNT(&after), 1);
    EXPECT_TRUE(CPU_ISSET(static_cast<size_t>(last), &after));
    EXPECT_TRUE(UseCpus({}).ok());
  }).join();
}

}  // namespace
}  // namespace normbench
