// SPDX-License-Identifier: Apache-2.0
#include "bench/host/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>

namespace normbench {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr char kStat[] =
    "cpu  100 20 300 4000 50 6 7 517 90 1\n"
    "cpu0 50 10 150 2000 25 3 3 258 45 0\n";

TEST(Host, FactsOfThisMachine) {
  const HostFacts facts = ReadHostFacts();
  EXPECT_THAT(facts.host, MatchesRegex(".+-[0-9a-f]{8}"));
  EXPECT_FALSE(facts.cpu_model.empty());
  EXPECT_GE(facts.cpus, 1);
  EXPECT_FALSE(facts.isa.empty());
#if defined(__x86_64__)
  EXPECT_THAT(facts.isa, AnyOf("SSE4", "AVX2", "AVX512"));
#endif
  EXPECT_GT(facts.memory_bytes, 64e6);
  EXPECT_LT(facts.memory_bytes, 1e15);
  EXPECT_THAT(facts.os, HasSubstr("Linux "));
  EXPECT_THAT(facts.compiler, MatchesRegex("(gcc|clang) [0-9]+.*"));
}

TEST(Host, TheSameWithinOneBoot) {
  EXPECT_EQ(ReadHostFacts().host, ReadHostFacts().host);
}

TEST(Host, CountsOnlyTheCpusItMayUse) {
  int cpus = 0;
  // On a thread of its own: the setting is the thread's.
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof(one), &one) == 0) cpus = ReadHostFacts().cpus;
  }).join();
  if (cpus == 0) GTEST_SKIP() << "the affinity may not be changed here";
  EXPECT_EQ(cpus, 1);
}

TEST(CpuTimes, FromProcStat) {
  const auto times = ParseCpuTimes(kStat, 100);
  ASSERT_TRUE(times.has_value());
  // user + nice + system + idle + iowait + irq + softirq + steal; guest is within user
  EXPECT_DOUBLE_EQ(times->total, 50.0);
  EXPECT_DOUBLE_EQ(times->steal, 5.17);
}

TEST(CpuTimes, NothingFromBadText) {
  for (const char* text : {"", "cpu", "cpu 1 2 3", "intr 1 2 3 4 5 6 7 8 9",
                           "cpu 1 2 3 4 5 6 7 x 9", "cpu0 1 2 3 4 5 6 7 8 9"}) {
    EXPECT_FALSE(ParseCpuTimes(text, 100).has_value()) << text;
  }
  EXPECT_FALSE(ParseCpuTimes(kStat, 0).has_value());
}

TEST(CpuTimes, OfThisMachineDoNotFall) {
  const auto before = ReadCpuTimes();
  const auto after = ReadCpuTimes();
  ASSERT_TRUE(before && after);
  EXPECT_GT(before->total, 0);
  EXPECT_GE(after->total, before->total);
  EXPECT_LE(after->steal, after->total);
}

TEST(StealRatio, IsTheShareBetweenTwoReadings) {
  const CpuTimes before{100, 10};
  EXPECT_DOUBLE_EQ(*StealRatio(before, CpuTimes{150, 12}), 0.04);
  EXPECT_EQ(StealRatio(before, CpuTimes{110, 5}), 0);  // some hypervisors correct it downwards
  EXPECT_EQ(StealRatio(before, CpuTimes{110, 30}), 1);
}

TEST(StealRatio, IsUnknownWithoutTwoReadings) {
  const CpuTimes before{100, 10};
  EXPECT_EQ(StealRatio(before, before), std::nullopt);
  EXPECT_EQ(StealRatio(before, CpuTimes{90, 9}), std::nullopt);
  EXPECT_EQ(StealRatio(std::nullopt, before), std::nullopt);
  EXPECT_EQ(StealRatio(before, std::nullopt), std::nullopt);
}

TEST(LoadAverage, IsNotNegative) {
  EXPECT_GE(LoadAverage().value_or(0), 0);
}

TEST(RunnableThreads, FromProcLoadavg) {
  EXPECT_EQ(ParseRunnable("1.97 0.18 0.12 3/80 11206\n"), 3);
  for (const char* text : {"", "0.1 0.1 0.1", "0.1 0.1 0.1 3 80", "0.1 0.1 0.1 x/80 1"}) {
    EXPECT_EQ(ParseRunnable(text), std::nullopt) << text;
  }
}

TEST(RunnableThreads, SeesWhatRunsNow) {
  if (!RunnableThreads()) GTEST_SKIP() << "/proc/loadavg cannot be read here";
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) continue;
  });
  const auto runnable = RunnableThreads();
  stop = true;
  busy.join();
  EXPECT_GE(*runnable, 0.5);
}

TEST(IsSameMachine, ComparesBootsNotNames) {
  EXPECT_TRUE(IsSameMachine("box-1a2b3c4d", "my-container-1a2b3c4d"));
  EXPECT_FALSE(IsSameMachine("box-1a2b3c4d", "box-00000001"));
  EXPECT_FALSE(IsSameMachine("", ""));
  EXPECT_FALSE(IsSameMachine("another", "another"));
  EXPECT_FALSE(IsSameMachine("a-811c9dc5", "b-811c9dc5")) << "no boot id could be read";
  EXPECT_TRUE(IsSameMachine(ReadHostFacts().host, ReadHostFacts().host));
}

}  // namespace
}  // namespace normbench
