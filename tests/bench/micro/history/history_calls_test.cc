// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/history/history_calls.h"

#include <algorithm>

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using HistoryCallsTest = RunsServiceFixture;

TEST_F(HistoryCallsTest, TimesEveryKind) {
  const std::vector<std::string> ids = {Submit(), Submit()};
  const auto timed = TimeHistoryCalls(remote_, ids, 5);
  ASSERT_TRUE(timed.ok()) << timed.status();
  ASSERT_EQ(timed->size(), 5u);
  for (const TimedCall& call : *timed) {
    EXPECT_EQ(call.seconds.size(), 5u) << call.name;
    EXPECT_GT(call.seconds.front(), 0) << call.name;
    EXPECT_TRUE(std::is_sorted(call.seconds.begin(), call.seconds.end())) << call.name;
  }
}

TEST_F(HistoryCallsTest, SaysWhatFails) {
  const auto timed = TimeHistoryCalls(remote_, {"nobody"}, 1);
  EXPECT_EQ(timed.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(timed.status().message()), ::testing::HasSubstr("Get, any report"));
}

}  // namespace
}  // namespace normbench
