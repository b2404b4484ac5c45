// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/history/sample_history.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "server/history/history.h"

namespace normbench {
namespace {

TEST(WriteSampleHistory, IsAHistoryOfRunsThatHaveEnded) {
  const std::string file = ::testing::TempDir() + "sample.db";
  for (const char* end : {"", "-wal"}) std::filesystem::remove(file + end);
  const auto ids = WriteSampleHistory({.file = file, .runs = 12, .cases = 3});
  ASSERT_TRUE(ids.ok()) << ids.status();
  ASSERT_EQ(ids->size(), 12u);
  const auto history = *History::Open(file);
  EXPECT_EQ(history->List({.state = "complete", .count = 100})->runs.size(), 12u);
  EXPECT_EQ(history->List({.labels = {{"tenth", "yes"}}})->runs.size(), 2u);
  EXPECT_EQ(history->List({.count = 1})->runs[0].run_id(), ids->back());
  const auto run = history->Get(ids->front(), /*with_report=*/true);
  ASSERT_EQ(run->report().cases_size(), 3);
  EXPECT_EQ(run->report().cases(2).status(), "ok");
  EXPECT_EQ(run->report().cases(2).latency_ok().histogram_size(), 150);
}

}  // namespace
}  // namespace normbench
