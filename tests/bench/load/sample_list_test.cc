// SPDX-License-Identifier: Apache-2.0
#include "bench/load/sample_list.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(SampleList, GivesBackWhatItGot) {
  const SampleList list = {{.start_seconds = 0.1, .latency_seconds = 1.234567891, .samples = 8},
                           {.start_seconds = 2.147483647,
                            .latency_seconds = 1e-9,
                            .code = 14,
                            .samples = 65536,
                            .ragged = true,
                            .waited = true,
                            .lag_seconds = 0.3}};
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list.front().start_seconds, 0.1) << "to the bit";
  EXPECT_EQ(list[0].latency_seconds, 1.234567891);
  EXPECT_EQ(list[0].samples, 8);
  EXPECT_EQ(list[0].code, 0);
  EXPECT_FALSE(list[0].ragged || list[0].waited);
  EXPECT_EQ(list.back().start_seconds, 2.147483647);
  EXPECT_EQ(list[1].latency_seconds, 1e-9);
  EXPECT_EQ(list[1].lag_seconds, 0.3);
  EXPECT_EQ(list[1].code, 14);
  EXPECT_EQ(list[1].samples, 65536);
  EXPECT_TRUE(list[1].ragged && list[1].waited);
}

TEST(SampleList, LongTimesHaveTensOfMicroseconds) {
  SampleList list;
  for (const double seconds : {2.2, 30.000001, 3600.0, 10000.0, 140000.0}) {
    list.push_back({.start_seconds = seconds, .latency_seconds = seconds, .lag_seconds = seconds});
    EXPECT_NEAR(list.back().start_seconds, seconds, 3.3e-5);
    EXPECT_NEAR(list.back().latency_seconds, seconds, 3.3e-5);
    EXPECT_NEAR(list.back().lag_seconds, seconds, 3.3e-5);
  }
}

TEST(SampleList, WhatIsOutOfRangeBecomesItsEnd) {
  const SampleList list = {
      {.start_seconds = -1, .latency_seconds = 1e9, .code = 99, .samples = -1}};
  EXPECT_EQ(list[0].start_seconds, 0);
  EXPECT_NEAR(list[0].latency_seconds, 140737, 1);
  EXPECT_EQ(list[0].code, 63);
  EXPECT_EQ(list[0].samples, 0);
}

TEST(SampleList, IsARangeAndCanBeOverwritten) {
  SampleList list;
  EXPECT_TRUE(list.empty());
  for (int i = 0; i < 3; ++i) list.push_back({.samples = i});
  list.Set(1, {.samples = 7});
  int sum = 0;
  for (const Sample& sample : list) sum += sample.samples;
  EXPECT_EQ(sum, 0 + 7 + 2);
}

}  // namespace
}  // namespace normbench
