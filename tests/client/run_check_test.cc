// SPDX-License-Identifier: Apache-2.0
#include "client/run_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/report/case_key.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::vector<Case> Cases(const std::vector<std::string>& keys) {
  std::vector<Case> cases;
  for (const std::string& key : keys) {
    Case& c = cases.emplace_back();
    c.key = key;
    c.spec = *ParseCaseKey(key);
    c.seconds = 10;
  }
  return cases;
}

std::string ErrorOf(const RunArguments& arguments, const std::vector<std::string>& keys) {
  return std::string(CheckRun(arguments, Cases(keys)).message());
}

constexpr char kService[] = "service/rms?shape=1x4";

TEST(CheckRun, APlanThatIsTooLongIsRefusedWithBothTimes) {
  RunArguments arguments;
  arguments.max_time_seconds = 15;
  EXPECT_EQ(ErrorOf(arguments, {kService}), "");
  EXPECT_THAT(ErrorOf(arguments, {kService, kService}),
              HasSubstr("--max-time: the plan takes about 20s, allowed are 15s"));
  arguments.find_max = "p99<20ms";
  EXPECT_EQ(ErrorOf(arguments, {kService}), "") << "ends then";
}

TEST(CheckRun, FindMaxNeedsAGoalAndOneCaseWithALoop) {
  RunArguments arguments;
  arguments.find_max = "p99>20ms";
  EXPECT_THAT(ErrorOf(arguments, {kService}), HasSubstr("--find-max: 'p99>20ms'; allowed: p50"));
  arguments.find_max = "p99<20ms";
  EXPECT_EQ(ErrorOf(arguments, {kService}), "");
  EXPECT_THAT(ErrorOf(arguments, {kService, kService}),
              HasSubstr("--find-max: 2 cases, the first is service/rms"));
  EXPECT_THAT(ErrorOf(arguments, {"norm/rms?shape=1x4"}),
              HasSubstr("allowed: one service or model case"));
}

TEST(CheckRun, ReadsTraces) {
  const absl::Status status =
      CheckRun({}, Cases({std::string(kService) + "&arrivals=trace:no/such"}));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
}

}  // namespace
}  // namespace normbench
