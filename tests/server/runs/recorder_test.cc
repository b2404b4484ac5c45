// SPDX-License-Identifier: Apache-2.0
#include "server/runs/recorder.h"

#include <gtest/gtest.h>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

class RecorderTest : public RunsFixture {
 protected:
  RecorderTest() { EXPECT_TRUE(history_->Insert({}, run_).ok()); }

  std::unique_ptr<History> history_ = *History::Open(path_);
  RunBoard board_;
  v1::Run run_ = RunIn("running", "a");
  const std::vector<Case> cases_ = *Expand(RequestFor({kSmall, kLarger}).sweep());
  RunRecorder recorder_{*history_, board_, cases_, &run_};
};

TEST_F(RecorderTest, KeepsWhatHappensBeforeAnybodyIsTold) {
  std::vector<size_t> seen;  // events that were there when a watcher was woken
  const auto token = board_.Subscribe("a", [&] { seen.push_back(seen.size()); });
  ASSERT_TRUE(token.ok());
  recorder_.Started(cases_[1].key, 2.5);
  EXPECT_EQ(seen.size(), 1u);
  v1::CaseResult result;
  result.set_key("of a rate that was found");
  recorder_.Finished(cases_[1], result);
  EXPECT_EQ(seen.size(), 2u);
  ASSERT_TRUE(recorder_.status().ok());
  const auto page = history_->Events("a", 0, 10);
  ASSERT_EQ(page->events.size(), 2u);
  EXPECT_EQ(page->events[0].case_started().planned_seconds(), 2.5);
  EXPECT_EQ(page->events[1].case_result().key(), "of a rate that was found");
  EXPECT_EQ(history_->Get("a", false)->cases_done(), 1);
  v1::Report planned = WithPlannedCases({}, cases_);
  ASSERT_TRUE(history_->KeepReport("a", planned).ok());
  EXPECT_EQ(history_->Get("a", true)->report().cases(1).key(), "of a rate that was found");
}

TEST_F(RecorderTest, TellsPhasesAsTheyChange) {
  recorder_.Started(cases_[0].key, 1);
  recorder_.Phase("warm-up", 0.1);
  recorder_.Observe({.warming_up = true, .completed = 7});
  recorder_.Phase("measure", 0);
  EXPECT_EQ(board_.ProgressOf("a")->progress.samples(), 0);
  recorder_.Observe({.warming_up = false, .completed = 7});
  recorder_.Phase("verify", 0.5);
  const v1::CaseProgress now = board_.ProgressOf("a")->progress;
  EXPECT_EQ(now.key(), cases_[0].key);
  EXPECT_EQ(now.phase(), "verify");
  EXPECT_EQ(now.fraction(), 0.5);
  EXPECT_EQ(now.samples(), 7);
  const int64_t version = board_.ProgressOf("a")->version;
  for (int i = 0; i < 100; ++i) recorder_.Phase("verify", 0.6);
  EXPECT_LE(board_.ProgressOf("a")->version, version + 1) << "at most about twice a second";
}

TEST_F(RecorderTest, KeepsNothingAfterWhatCouldNotBeKept) {
  v1::Run ended = run_;
  ended.set_state("complete");
  ASSERT_TRUE(history_->Update(ended).ok());
  ASSERT_TRUE(history_->Delete("a").ok());
  recorder_.Started(cases_[0].key, 1);
  EXPECT_EQ(recorder_.status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(history_->Insert({}, run_).ok());
  recorder_.Started(cases_[1].key, 1);
  EXPECT_TRUE(history_->Events("a", 0, 10)->events.empty());
  EXPECT_FALSE(recorder_.status().ok());
}

}  // namespace
}  // namespace normbench
