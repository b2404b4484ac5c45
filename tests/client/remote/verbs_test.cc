// SPDX-License-Identifier: Apache-2.0
#include "client/remote/verbs.h"

#include <filesystem>

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class VerbsTest : public RunsServiceFixture {
 protected:
  template <typename Verb>
  int Go(Verb verb) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = RunRemoteVerb({.server = address_, .verb = std::move(verb)},
                                   [this] { return stop_.load(); });
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::atomic<bool> stop_ = false;
  std::string stdout_, stderr_;
};

TEST_F(VerbsTest, SubmitPrintsTheIdAlone) {
  EXPECT_EQ(Go(SubmitArguments{.source = "norm/rms?shape=1x4", .filter = "", .options = {}}), 0);
  EXPECT_EQ(stdout_, runs_->List({})->runs(0).run_id() + "\n");
  EXPECT_THAT(stderr_, HasSubstr("queued, 0 before it"));
}

TEST_F(VerbsTest, TheSameKeyIsTheSameRun) {
  const SubmitArguments submit{
      .source = "norm/rms?shape=1x4", .filter = "", .options = {.key = "k", .labels = {"a=1"}}};
  EXPECT_EQ(Go(submit), 0);
  const std::string first = stdout_;
  EXPECT_EQ(Go(submit), 0);
  EXPECT_EQ(stdout_, first);
}

TEST_F(VerbsTest, WatchShowsTheReportAndHasItsExitCode) {
  measured_.benchmark.err_scaled = 1e9;
  StartRuns();
  const std::string id = Submit();
  const std::string out = ::testing::TempDir() + "verbs_test_out";
  std::filesystem::remove_all(out);
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .out = out}), 4);
  EXPECT_THAT(stdout_, HasSubstr("wrote  " + out));
  EXPECT_TRUE(std::filesystem::exists(out + "/junit.xml"));
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .out = ""}), 4);
  EXPECT_THAT(stdout_, HasSubstr("wrote  nothing"));
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .json = true, .out = ""}), 4);
  EXPECT_THAT(stdout_, StartsWith("{\"sequence\":1,\"case_started\""));
  EXPECT_EQ(std::count(stdout_.begin(), stdout_.end(), '\n'), 3);
  EXPECT_EQ(Go(WatchArguments{.run_id = "nobody", .out = ""}), 2);
}

TEST_F(VerbsTest, WatchOfARunThatNeverBeganSaysSo) {
  const std::string id = Submit();
  EXPECT_EQ(Go(CancelArguments{id}), 0);
  EXPECT_EQ(stdout_, "run " + id + " is cancelled\n");
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .out = ""}), 130);
  EXPECT_THAT(stderr_, HasSubstr("is cancelled"));
}

TEST_F(VerbsTest, CtrlCEndsTheWatchingNotTheRun) {
  const std::string id = Submit();
  stop_ = true;
  EXPECT_EQ(Go(CancelArguments{id}), 130) << "while it connects";
  HoldCases();
  stop_ = false;
  StartRuns();
  std::thread interrupt([this] {
    entered_.WaitForNotification();
    stop_ = true;
  });
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .out = ""}), 130);
  interrupt.join();
  EXPECT_THAT(stderr_, HasSubstr("the run goes on: `normbench cancel " + id));
}

TEST_F(VerbsTest, CancelOfARunUnderWaySaysThatItEnds) {
  HoldCases();
  StartRuns();
  const std::string id = Submit();
  entered_.WaitForNotification();
  EXPECT_EQ(Go(CancelArguments{id}), 0);
  EXPECT_EQ(stdout_, "run " + id + " ends\n");
}

TEST_F(VerbsTest, HistoryListsAsATableOrAsJson) {
  v1::SubmitRequest labelled = Small();
  (*labelled.mutable_labels())["commit"] = "abc";
  const std::string id = Submit(labelled);
  const std::string other = Submit();
  EXPECT_EQ(Go(HistoryArguments{}), 0);
  EXPECT_THAT(stdout_, HasSubstr(other));
  EXPECT_EQ(std::count(stdout_.begin(), stdout_.end(), '\n'), 3);
  EXPECT_EQ(Go(HistoryArguments{.count = 1}), 0);
  EXPECT_EQ(std::count(stdout_.begin(), stdout_.end(), '\n'), 2);
  EXPECT_EQ(Go(HistoryArguments{.labels = {"commit=abc"}, .format = "json"}), 0);
  EXPECT_THAT(stdout_, HasSubstr("\"run_id\": \"" + id + "\""));
  EXPECT_THAT(stdout_, ::testing::Not(HasSubstr(other)));
  EXPECT_EQ(Go(HistoryArguments{.after = "yesterday"}), 2);
  EXPECT_THAT(stderr_, HasSubstr("submitted_after: 'yesterday'"));
  EXPECT_EQ(Go(HistoryArguments{.labels = {"commit"}}), 2);
}

TEST_F(VerbsTest, ShowPrintsTheReport) {
  const std::string id = Submit();
  EXPECT_EQ(Go(ShowArguments{.run_id = id}), 1);
  EXPECT_THAT(stderr_, HasSubstr("is queued, without a report"));
  StartRuns();
  EXPECT_EQ(Go(WatchArguments{.run_id = id, .out = ""}), 0);
  EXPECT_EQ(Go(ShowArguments{.run_id = id, .format = "csv"}), 0);
  EXPECT_THAT(stdout_, HasSubstr("norm/rms?impl=torch"));
}

TEST_F(VerbsTest, DeleteForgetsTheRun) {
  const std::string id = Submit();
  EXPECT_EQ(Go(DeleteArguments{id}), 1);
  EXPECT_THAT(stderr_, HasSubstr("has not ended"));
  EXPECT_EQ(Go(CancelArguments{id}), 0);
  EXPECT_EQ(Go(DeleteArguments{id}), 0);
  EXPECT_EQ(stdout_, "");
  EXPECT_EQ(Go(ShowArguments{.run_id = id}), 2);
}

TEST_F(VerbsTest, WhatIsWrongWithASweepIsKnownWithoutAServer) {
  ::testing::internal::CaptureStderr();
  const auto never = [] { return false; };
  EXPECT_EQ(
      RunRemoteVerb(
          {.server = "127.0.0.1:1",
           .verb = SubmitArguments{.source = "norm/rms?shape=0x4", .filter = "", .options = {}}},
          never),
      2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("shape"));
}

}  // namespace
}  // namespace normbench
