// SPDX-License-Identifier: Apache-2.0
#include "bench/host/tuning.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <thread>

namespace normbench {
namespace {

TEST(CpuTuning, BoostIsSaidInOneOfTwoWays) {
  EXPECT_EQ(ParseBoost("1", ""), true);
  EXPECT_EQ(ParseBoost("0\n", ""), false);
  EXPECT_EQ(ParseBoost("", "1"), false);
  EXPECT_EQ(ParseBoost("", "0\n"), true);
  EXPECT_EQ(ParseBoost("", ""), std::nullopt);
  EXPECT_EQ(ParseBoost("on", "off"), std::nullopt);
}

TEST(CpuTuning, CountsTheCpusOfAList) {
  EXPECT_EQ(CountCpus("0\n"), 1);
  EXPECT_EQ(CountCpus("0,64"), 2);
  EXPECT_EQ(CountCpus("0-3,8"), 5);
  for (const char* text : {"", "x", "0,", "3-0", "0-1-2", "0-", "-1"}) {
    EXPECT_EQ(CountCpus(text), std::nullopt) << text;
  }
}

TEST(CpuTuning, OfThisMachineIsPlausible) {
  const CpuTuning tuning = ReadCpuTuning();
  EXPECT_NE(tuning.governor, "");
  EXPECT_GE(tuning.threads_per_core.value_or(1), 1);
}

TEST(TimerSlack, IsThatOfTheThread) {
  std::thread([] {
    prctl(PR_SET_TIMERSLACK, 120'000UL);
    EXPECT_DOUBLE_EQ(TimerSlack().value_or(0), 120e-6);
  }).join();
}

}  // namespace
}  // namespace normbench
