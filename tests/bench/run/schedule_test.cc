// SPDX-License-Identifier: Apache-2.0
#include "bench/run/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "bench/report/case_key.h"
#include "bench/report/percent.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Case Of(const std::string& arrivals) {
  Case c;
  c.key = "service/rms?shape=1x4&arrivals=" + PercentEncode(arrivals);
  c.spec = *ParseCaseKey(c.key);
  c.warmup_seconds = 1;
  c.seconds = 2;
  return c;
}

std::vector<double> TimesOf(const Case& c, double maximum = 0) {
  const auto schedule = ScheduleOf(c, maximum);
  EXPECT_TRUE(schedule.ok()) << schedule.status();
  std::vector<double> times;
  while (const auto time = schedule->arrivals->Next()) times.push_back(*time);
  return times;
}

std::string WriteTrace(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(ScheduleOf, CoversWarmUpAndMeasuring) {
  EXPECT_THAT(TimesOf(Of("constant:1")), ElementsAre(0, 1, 2));
  EXPECT_EQ(TimesOf(Of("constant:50%"), 10).size(), 15u);
}

TEST(ScheduleOf, OneSeedIsOneSchedule) {
  EXPECT_EQ(TimesOf(Of("poisson:50")), TimesOf(Of("poisson:50")));
  Case other = Of("poisson:50");
  other.arrivals_seed = 2;
  EXPECT_NE(TimesOf(Of("poisson:50")), TimesOf(other));
}

TEST(ScheduleOf, ATraceEndsWithTheBudget) {
  const std::string path = WriteTrace("schedule_trace.txt", "0\n1.5\n2.9\n3\n100\n");
  EXPECT_THAT(TimesOf(Of("trace:" + path)), ElementsAre(0, 1.5, 2.9));
  EXPECT_DOUBLE_EQ(ScheduleOf(Of("trace:" + path), 0)->seconds, 2) << "the trace goes on";
}

// The rest of the window is not measured: a rate over it would be too low.
TEST(ScheduleOf, TheLastTimeOfATraceEndsTheWindow) {
  const std::string path = WriteTrace("schedule_short.txt", "0\n1.5\n");
  EXPECT_DOUBLE_EQ(ScheduleOf(Of("trace:" + path), 0)->seconds, 0.5);
  EXPECT_DOUBLE_EQ(ScheduleOf(Of("poisson:1"), 0)->seconds, 2);
}

TEST(CheckTraces, NamesTheFileAndTheLine) {
  const std::string bad = WriteTrace("schedule_bad.txt", "0\n2\n1\n");
  const std::vector<Case> cases = {Of("poisson:5"), Of("trace:" + bad)};
  const absl::Status status = CheckTraces(cases);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(bad + ": arrivals: line 3 of the trace"));
  EXPECT_EQ(ScheduleOf(cases[1], 0).status(), status);
  const std::vector<Case> missing = {Of("trace:no/such/file")};
  EXPECT_EQ(CheckTraces(missing).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(CheckTraces(missing).message()), HasSubstr("no/such/file"));
  EXPECT_TRUE(CheckTraces({cases.data(), 1}).ok());
}

// Times since 1970 are the usual mistake.
TEST(CheckTraces, ATraceOutsideOfTheWindowIsRefused) {
  const std::string path = WriteTrace("schedule_late.txt", "1700000000\n1700000001\n");
  const std::vector<Case> cases = {Of("trace:" + path)};
  const absl::Status status = CheckTraces(cases);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(path + ": none of its 2 times is in the measured window, from 1 s"));
  std::vector<Case> both = {Of("trace:" + WriteTrace("schedule_two.txt", "0\n1.5\n")),
                            Of("trace:" + ::testing::TempDir() + "schedule_two.txt")};
  EXPECT_TRUE(CheckTraces(both).ok());
  both[1].warmup_seconds = 1.6;
  EXPECT_FALSE(CheckTraces(both).ok()) << "the same file in another window";
}

}  // namespace
}  // namespace normbench
