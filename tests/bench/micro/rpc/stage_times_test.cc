// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/stage_times.h"

#include <gmock/gmock.h>

namespace normbench {
namespace {

constexpr char kPage[] =
    "# HELP d_sum not a sample\n"
    "d_sum{rpc=\"Normalize\",x=\"1\"} 1.5\n"
    "d_sum{rpc=\"Normalize\",x=\"2\"} 2.25e-1\n"
    "d_sum{rpc=\"Measure\"} 100\n"
    "d_sums{rpc=\"Normalize\"} 1000\n";

TEST(SumOfMetric, AddsTheSamplesOfThatNameAndLabel) {
  EXPECT_DOUBLE_EQ(SumOfMetric(kPage, "d_sum", "rpc=\"Normalize\""), 1.725);
  EXPECT_DOUBLE_EQ(SumOfMetric(kPage, "d_sum", "rpc=\"Measure\""), 100);
  EXPECT_EQ(SumOfMetric(kPage, "missing", "rpc="), 0);
}

TEST(ReadStageTimes, SaysWhatCannotBeReached) {
  const auto times = ReadStageTimes("127.0.0.1:1");
  EXPECT_TRUE(absl::IsUnavailable(times.status()));
  EXPECT_THAT(std::string(times.status().message()), testing::HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace normbench
