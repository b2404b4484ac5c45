// SPDX-License-Identifier: Apache-2.0
#include "client/visit_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

Case CaseOf(const std::string& key) {
  return {.key = key, .spec = {}, .expect = {}};
}

TEST(VisitWatcherTest, CountsCpuTimeFromTheWarmUpOn) {
  double cpu = 1;
  VisitWatcher watcher("round 1 A", nullptr, [&cpu] { return cpu; });
  watcher.Started("x", 1);
  cpu = 3;
  watcher.Phase("answers to each alone", 0);
  watcher.Phase("warm-up", 0);
  cpu = 4;
  watcher.Phase("warm-up", 0.5);  // the same one
  watcher.Phase("measure", 0.5);
  cpu = 5.5;
  watcher.Finished(CaseOf("x"), {});
  EXPECT_EQ(watcher.CpuOf("x"), 2.5);
  EXPECT_EQ(watcher.CpuOf("y"), 0);
}

TEST(VisitWatcherTest, OfEachCellItsOwn) {
  double cpu = 0;
  VisitWatcher watcher("round 1 A", nullptr, [&cpu] { return cpu; });
  for (const char* key : {"x", "y"}) {  // no phase but this one is told of
    watcher.Started(key, 1);
    cpu += 10;
    watcher.Phase("warm-up", 1);
    cpu += 2;
    watcher.Finished(CaseOf(key), {});
  }
  watcher.Started("z", 1);
  cpu += 7;
  watcher.Finished(CaseOf("z"), {});
  EXPECT_EQ(watcher.CpuOf("x"), 2);
  EXPECT_EQ(watcher.CpuOf("y"), 2);
  EXPECT_EQ(watcher.CpuOf("z"), 7) << "without a warm-up: all of it";
}

TEST(VisitWatcherTest, ShowsWhichVisitItIs) {
  std::ostringstream out;
  double now = 0;
  Progress progress(out, {.now = [&now] { return now += 10; }});
  VisitWatcher watcher("round 7 A'", &progress, [] { return 0; });
  progress.Begin(2, 10);
  watcher.Started("norm/rms?x=1", 5);
  watcher.Phase("measure", 0.5);
  EXPECT_THAT(out.str(), HasSubstr("[1/2] about 10s left  round 7 A'  norm/rms?x=1  start"));
  EXPECT_THAT(out.str(), HasSubstr("measure 50 %"));
}

}  // namespace
}  // namespace normbench
