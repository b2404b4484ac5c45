// SPDX-License-Identifier: Apache-2.0
#include "server/runs/board.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(RunBoard, WakesThoseWhoWatchTheRun) {
  RunBoard board;
  int a = 0, b = 0;
  const auto token = board.Subscribe("a", [&a] { ++a; });
  ASSERT_TRUE(token.ok());
  ASSERT_TRUE(board.Subscribe("b", [&b] { ++b; }).ok());
  board.Tell("a");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 0);
  board.TellAll();
  board.Unsubscribe(*token);
  board.Tell("a");
  EXPECT_EQ(a, 2);
  EXPECT_EQ(b, 1);
}

TEST(RunBoard, HasRoomForSoManyWatchers) {
  RunBoard board(1);
  const auto first = board.Subscribe("a", [] {});
  EXPECT_EQ(board.Subscribe("a", [] {}).status().code(), absl::StatusCode::kResourceExhausted);
  board.Unsubscribe(*first);
  EXPECT_TRUE(board.Subscribe("a", [] {}).ok());
}

TEST(RunBoard, HasTheProgressOfTheRunUnderWay) {
  RunBoard board;
  int woken = 0;
  ASSERT_TRUE(board.Subscribe("a", [&woken] { ++woken; }).ok());
  EXPECT_FALSE(board.ProgressOf("a").has_value());
  v1::CaseProgress progress;
  progress.set_phase("measure");
  board.SetProgress("a", progress);
  EXPECT_EQ(woken, 1);
  const auto first = board.ProgressOf("a");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->progress.phase(), "measure");
  board.SetProgress("b", progress);
  EXPECT_FALSE(board.ProgressOf("a").has_value());
  EXPECT_GT(board.ProgressOf("b")->version, first->version);
}

TEST(RunBoard, TellsOfTroubleUntilItIsOver) {
  RunBoard board;
  int woken = 0;
  ASSERT_TRUE(board.Subscribe("a", [&woken] { ++woken; }).ok());
  board.SetTrouble("a", absl::InternalError("no"));
  EXPECT_EQ(board.TroubleOf("a").message(), "no");
  EXPECT_TRUE(board.TroubleOf("b").ok());
  board.SetTrouble("a", absl::OkStatus());
  EXPECT_TRUE(board.TroubleOf("a").ok());
  EXPECT_EQ(woken, 2);
}

TEST(RunBoard, WakesAllWhenItCloses) {
  RunBoard board;
  int woken = 0;
  ASSERT_TRUE(board.Subscribe("a", [&woken] { ++woken; }).ok());
  EXPECT_FALSE(board.closed());
  board.Close();
  EXPECT_TRUE(board.closed());
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace normbench
