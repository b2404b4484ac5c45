// SPDX-License-Identifier: Apache-2.0
#include "bench/host/host_window.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(CpuPressure, IsTheTotalOfSome) {
  EXPECT_DOUBLE_EQ(*ParseCpuPressure("some avg10=35.16 avg60=44.07 avg300=56.75 total=14537528788\n"
                                     "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"),
                   14537.528788);
}

TEST(CpuPressure, IsNothingFromOtherTexts) {
  for (const char* text : {"", "some", "some avg10=1.00 total=", "some avg10=1.00 total=x",
                           "some total=5 avg10=1.00", "full avg10=0.00 total=7"}) {
    EXPECT_EQ(ParseCpuPressure(text), std::nullopt) << text;
  }
}

TEST(Throttled, OfVersion2CountsMicroseconds) {
  EXPECT_DOUBLE_EQ(*ParseThrottled("usage_usec 21650361\nuser_usec 20178410\n"
                                   "system_usec 1471950\nnr_periods 120\nnr_throttled 17\n"
                                   "throttled_usec 1250000\nnr_bursts 0\nburst_usec 0\n"),
                   1.25);
}

TEST(Throttled, OfVersion1CountsNanoseconds) {
  EXPECT_DOUBLE_EQ(*ParseThrottled("nr_periods 120\nnr_throttled 17\nthrottled_time 1250000000\n"),
                   1.25);
}

TEST(Throttled, IsNothingWithoutAQuotaAndFromOtherTexts) {
  for (const char* text : {"", "usage_usec 5\nuser_usec 4\nsystem_usec 1\n", "throttled_usec",
                           "throttled_usec x\n", "throttled_usec  5\n"}) {
    EXPECT_EQ(ParseThrottled(text), std::nullopt) << text;
  }
}

TEST(Between, GivesSharesOfTheTime) {
  const HostReading before{.steady_seconds = 100,
                           .cpu = CpuTimes{.total = 50, .steal = 1},
                           .cpu_pressure_seconds = 3,
                           .throttled_seconds = 7,
                           .load_average = 4};
  const HostReading after{.steady_seconds = 110,
                          .cpu = CpuTimes{.total = 70, .steal = 2},
                          .cpu_pressure_seconds = 5,
                          .throttled_seconds = 7.5,
                          .load_average = 2};
  const HostWindow window = Between(before, after);
  EXPECT_DOUBLE_EQ(window.seconds, 10);
  EXPECT_DOUBLE_EQ(*window.steal_ratio, 0.05);
  EXPECT_DOUBLE_EQ(*window.cpu_pressure, 0.2);
  EXPECT_DOUBLE_EQ(*window.throttled_ratio, 0.05);
  EXPECT_DOUBLE_EQ(*window.load_average, 2);
}

TEST(Between, KeepsRatiosWithinZeroAndOne) {
  const HostReading before{.steady_seconds = 0, .cpu_pressure_seconds = 9, .throttled_seconds = 0};
  const HostReading after{.steady_seconds = 1, .cpu_pressure_seconds = 8, .throttled_seconds = 8};
  EXPECT_EQ(Between(before, after).cpu_pressure, 0);     // the counter began anew
  EXPECT_EQ(Between(before, after).throttled_ratio, 1);  // eight CPUs stood still
}

TEST(Between, KnowsNothingFromOneReading) {
  const HostReading nothing{.steady_seconds = 1};
  const HostReading all{.steady_seconds = 2,
                        .cpu = CpuTimes{.total = 50, .steal = 1},
                        .cpu_pressure_seconds = 3,
                        .throttled_seconds = 7,
                        .load_average = 4};
  for (const HostWindow& window : {Between(nothing, all), Between(all, all)}) {
    EXPECT_EQ(window.steal_ratio, std::nullopt);
    EXPECT_EQ(window.cpu_pressure, std::nullopt);
    EXPECT_EQ(window.throttled_ratio, std::nullopt);
    EXPECT_EQ(window.load_average, 4);
  }
  EXPECT_EQ(Between(all, nothing).load_average, std::nullopt);
  EXPECT_EQ(Between(all, nothing).seconds, 0);
}

TEST(ReadHost, CountersOfThisMachineDoNotFall) {
  const HostReading before = ReadHost();
  const HostReading after = ReadHost();
  EXPECT_GT(after.steady_seconds, before.steady_seconds);
  ASSERT_TRUE(before.cpu && after.cpu);
  EXPECT_GE(after.cpu->total, before.cpu->total);
  EXPECT_GE(after.cpu_pressure_seconds.value_or(0), before.cpu_pressure_seconds.value_or(0));
  EXPECT_GE(after.throttled_seconds.value_or(0), before.throttled_seconds.value_or(0));
}

}  // namespace
}  // namespace normbench
