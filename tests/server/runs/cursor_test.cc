// SPDX-License-Identifier: Apache-2.0
#include "server/runs/cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class CursorTest : public RunsFixture {
 protected:
  CursorTest() {
    for (const char* id : {"first", "second"}) {
      run_ = RunIn("queued", id);
      EXPECT_TRUE(history_->Insert({}, run_).ok());
    }
  }

  void Append(const std::string& key) {
    v1::RunEvent event;
    event.mutable_case_started()->set_key(key);
    ASSERT_TRUE(history_->Append(run_, std::nullopt, &event).ok());
  }

  WatchStep Next(RunCursor& cursor) {
    auto step = cursor.Next();
    EXPECT_TRUE(step.ok()) << step.status();
    return *std::move(step);
  }

  std::unique_ptr<History> history_ = *History::Open(path_);
  RunBoard board_;
  v1::Run run_;  // the second one
};

TEST_F(CursorTest, TellsThePlaceInTheQueueOnceForEachChange) {
  RunCursor cursor(*history_, board_, "second", 0);
  WatchStep step = Next(cursor);
  ASSERT_THAT(step.events, SizeIs(1));
  EXPECT_EQ(step.events[0].queued().position(), 1);
  EXPECT_EQ(step.events[0].sequence(), 0);
  EXPECT_THAT(Next(cursor).events, IsEmpty());
  v1::Run first = *history_->Get("first", false);
  first.set_state("running");
  ASSERT_TRUE(history_->Update(first).ok());
  EXPECT_THAT(Next(cursor).events, IsEmpty()) << "the one that runs is before it still";
  first.set_state("complete");
  ASSERT_TRUE(history_->Finish(first, nullptr).ok());
  step = Next(cursor);
  ASSERT_THAT(step.events, SizeIs(1));
  EXPECT_EQ(step.events[0].queued().position(), 0);
}

TEST_F(CursorTest, TellsWhatWasKeptThenTheProgress) {
  run_.set_state("running");
  for (int i = 1; i <= 20; ++i) Append(std::to_string(i));
  v1::CaseProgress progress;
  progress.set_fraction(0.5);
  board_.SetProgress("second", progress);
  RunCursor cursor(*history_, board_, "second", 3);
  std::vector<v1::RunEvent> events;
  for (WatchStep step = Next(cursor); step.more; step = Next(cursor)) {
    EXPECT_LE(step.events.size(), 16u);
    events.insert(events.end(), step.events.begin(), step.events.end());
  }
  ASSERT_THAT(events, SizeIs(17));
  EXPECT_EQ(events.front().sequence(), 4);
  EXPECT_EQ(events.back().case_started().key(), "20");
  EXPECT_THAT(Next(cursor).events, IsEmpty()) << "the progress was told by the step without more";
  board_.SetProgress("second", progress);
  const WatchStep step = Next(cursor);
  ASSERT_THAT(step.events, SizeIs(1));
  EXPECT_EQ(step.events[0].progress().fraction(), 0.5);
  EXPECT_EQ(step.events[0].sequence(), 20);
}

TEST_F(CursorTest, EndsWithTheRun) {
  run_.set_state("cancelled");
  ASSERT_TRUE(history_->Finish(run_, nullptr).ok());
  RunCursor cursor(*history_, board_, "second", 0);
  const WatchStep step = Next(cursor);
  ASSERT_THAT(step.events, SizeIs(1));
  EXPECT_EQ(step.events[0].finished().state(), "cancelled");
  EXPECT_TRUE(step.ended);
  RunCursor behind(*history_, board_, "second", 1);
  EXPECT_TRUE(Next(behind).ended);
  board_.Close();
  RunCursor later(*history_, board_, "second", 0);
  EXPECT_TRUE(Next(later).ended) << "what is over is told by a server that stops, too";
}

TEST_F(CursorTest, SaysWhyItEndsEarly) {
  RunCursor nobody(*history_, board_, "nobody", 0);
  EXPECT_EQ(nobody.Next().status().code(), absl::StatusCode::kNotFound);
  RunCursor cursor(*history_, board_, "second", 0);
  board_.SetTrouble("second", absl::ResourceExhaustedError("full"));
  EXPECT_EQ(cursor.Next().status().message(), "full");
  board_.SetTrouble("second", absl::OkStatus());
  board_.Close();
  EXPECT_EQ(cursor.Next().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace normbench
