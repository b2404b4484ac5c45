// SPDX-License-Identifier: Apache-2.0
#include "server/runs/execution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <thread>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExecutionTest : public RunsFixture {
 protected:
  // Executes a run of these cases, and keeps its end.
  v1::Run Execute(const v1::SubmitRequest& request) { return Execute(request, Host()); }
  v1::Run Execute(const v1::SubmitRequest& request, const RunHost& host) {
    const v1::Run run = RunIn("running", "a");
    EXPECT_TRUE(history_->Insert(request, run).ok());
    const EndedRun ended = ExecuteRun(run, *history_, board_, host, stop_);
    const absl::Status kept = history_->Finish(ended.run, ended.report ? &*ended.report : nullptr);
    EXPECT_TRUE(kept.ok()) << kept;
    return *history_->Get("a", true);
  }

  // The kinds of the kept events, in order.
  std::vector<int> Kinds() {
    std::vector<int> kinds;
    const auto page = history_->Events("a", 0, 100);
    for (const v1::RunEvent& event : page->events) kinds.push_back(event.event_case());
    return kinds;
  }

  std::unique_ptr<History> history_ = *History::Open(path_);
  RunBoard board_;
  std::atomic<bool> cancelled_ = false, stopping_ = false;
  const RunStop stop_ = {.cancelled = [this] { return cancelled_.load(); },
                         .stopping = [this] { return stopping_.load(); }};
};

TEST_F(ExecutionTest, MeasuresEveryKindOfCaseAndKeepsTheReport) {
  v1::SubmitRequest request = RequestFor({kSmall, "service/rms?impl=torch&shape=1x4&dev=cpu"});
  request.mutable_sweep()->mutable_cases(0)->set_seconds(0.1);
  others_ = 4;
  const v1::Run run = Execute(request);
  EXPECT_EQ(run.state(), "complete") << run.error();
  EXPECT_EQ(run.cases(), 2);
  EXPECT_EQ(run.cases_done(), 2);
  const v1::Report& report = run.report();
  EXPECT_EQ(run.exit_code(), report.exit_code());
  EXPECT_EQ(report.outcome(), "complete");
  EXPECT_EQ(report.schema_version(), 1);
  ASSERT_EQ(report.cases_size(), 2);
  EXPECT_EQ(report.cases(0).kind(), "kernel");
  EXPECT_EQ(report.cases(0).status(), "ok");
  EXPECT_EQ(report.cases(1).kind(), "service");
  EXPECT_GT(report.cases(1).requests(), 0);
  EXPECT_THAT(report.cases(1).rerun(), HasSubstr("--remote"));
  EXPECT_GT(report.duration_seconds(), 0);
  EXPECT_TRUE(report.conditions().has_floor());
  EXPECT_EQ(report.conditions().transport(), "in-process");
  EXPECT_EQ(report.conditions().other_requests(), 4);
  EXPECT_EQ(report.client().allocator(), "a test's");
  EXPECT_THAT(Kinds(), ElementsAre(v1::RunEvent::kCaseStarted, v1::RunEvent::kCaseResult,
                                   v1::RunEvent::kCaseStarted, v1::RunEvent::kCaseResult,
                                   v1::RunEvent::kFinished));
  EXPECT_THAT(taken_, ElementsAre(false));
  EXPECT_EQ(returned_, 1);
}

TEST_F(ExecutionTest, TakesTheDeviceAsTheRequestSays) {
  v1::SubmitRequest request = RequestFor({kSmall});
  request.set_other_traffic("refuse");
  EXPECT_EQ(Execute(request).state(), "complete");
  EXPECT_THAT(taken_, ElementsAre(true));
}

TEST_F(ExecutionTest, KeepsWhatItHasWhenItIsCancelled) {
  server_.benchmark.on_call = [this] {
    if (server_.benchmark.batch_sizes().size() == 2) cancelled_ = true;
  };
  const v1::Run run = Execute(RequestFor({kSmall, kLarger, "norm/rms?impl=torch&shape=9x4"}));
  EXPECT_EQ(run.state(), "cancelled");
  EXPECT_EQ(run.exit_code(), 130);
  EXPECT_EQ(run.report().outcome(), "interrupted");
  ASSERT_EQ(run.report().cases_size(), 3);
  EXPECT_EQ(run.report().cases(0).status(), "ok");
  EXPECT_EQ(run.report().cases(2).status(), "skipped");
}

// What the filter lets through only where devices are known was not looked at when it was queued.
TEST_F(ExecutionTest, ChecksTheCasesOfThisMachine) {
  v1::SubmitRequest request = RequestFor({kSmall, "norm/rms?impl=torch&shape=64x64x512x512"});
  request.set_filter("v=cpu");
  ASSERT_TRUE(CheckRunRequest(request, {}).ok());
  const v1::Run run = Execute(request);
  EXPECT_EQ(run.state(), "failed");
  EXPECT_EQ(run.exit_code(), 2);
  EXPECT_THAT(run.error(), HasSubstr("(two thirds of --memory-budget of the server)"));
  EXPECT_TRUE(server_.benchmark.batch_sizes().empty());
}

TEST_F(ExecutionTest, OpensNoFileThatTheFilterHid) {
  v1::SubmitRequest request =
      RequestFor({kSmall, "service/rms?impl=torch&shape=1x4&arrivals=trace:/etc/passwd"});
  request.set_filter("v=cpu");
  const v1::Run run = Execute(request);
  EXPECT_EQ(run.state(), "failed");
  EXPECT_THAT(run.error(), HasSubstr("a trace from a file"));
  EXPECT_TRUE(server_.benchmark.batch_sizes().empty());
}

TEST_F(ExecutionTest, IsInterruptedWhereTheServerStops) {
  stopping_ = true;
  const v1::Run run = Execute(RequestFor({kSmall}));
  EXPECT_EQ(run.state(), "interrupted");
  EXPECT_EQ(run.exit_code(), 1);
  EXPECT_EQ(run.error(), "");
  EXPECT_EQ(returned_, 1);
}

TEST_F(ExecutionTest, SaysWhyItFailed) {
  server_.Stop();
  const v1::Run run = Execute(RequestFor({kSmall}));
  EXPECT_EQ(run.state(), "failed");
  EXPECT_EQ(run.exit_code(), 1);
  EXPECT_NE(run.error(), "");
  EXPECT_THAT(Kinds(), ElementsAre(v1::RunEvent::kFinished));
  EXPECT_EQ(returned_, 1);
}

TEST_F(ExecutionTest, AnExceptionEndsTheRunAlone) {
  RunHost host = Host();
  int connections = 0;
  host.connect = [&] {
    if (++connections > 1) throw std::bad_alloc();
    return server_.session().channel;
  };
  const v1::Run run =
      Execute(RequestFor({kSmall, "service/rms?impl=torch&shape=1x4&dev=cpu&channels=2"}), host);
  EXPECT_EQ(run.state(), "failed");
  EXPECT_EQ(run.exit_code(), 1);
  EXPECT_THAT(run.error(), HasSubstr("memory: not enough"));
  EXPECT_EQ(run.report().outcome(), "server_lost");
  ASSERT_EQ(run.report().cases_size(), 2);
  EXPECT_EQ(run.report().cases(0).status(), "ok");
  EXPECT_EQ(run.report().cases(1).status(), "skipped");
  EXPECT_EQ(returned_, 1);
}

TEST_F(ExecutionTest, EndsWhatTakesMuchLongerThanItsPlan) {
  server_.benchmark.hang = true;
  v1::SubmitRequest request = RequestFor({kSmall});
  request.mutable_sweep()->mutable_cases(0)->set_warmup_seconds(0.01);
  request.mutable_sweep()->mutable_cases(0)->set_seconds(0.01);
  RunHost host = Host();
  host.limits.max_seconds = 0.5;
  const v1::Run run = Execute(request, host);
  EXPECT_EQ(run.state(), "failed");
  EXPECT_EQ(run.exit_code(), 1);
  EXPECT_THAT(run.error(), HasSubstr("the larger of --max-run-seconds of the server and 3 times"));
}

TEST_F(ExecutionTest, FailsWhereTheServerIsGone) {
  HoldCases();
  Release();
  server_.benchmark.hang = true;
  std::thread stop([this] {
    entered_.WaitForNotification();
    server_.Stop();
  });
  const v1::Run run = Execute(RequestFor({kSmall, kLarger}));
  stop.join();
  EXPECT_EQ(run.state(), "failed");
  EXPECT_THAT(run.error(), HasSubstr("did not answer its own calls"));
  EXPECT_EQ(run.report().outcome(), "server_lost");
}

// The history is a file: here it loses the run instead of its disk.
TEST_F(ExecutionTest, EndsWhereNothingCanBeKeptAnyMore) {
  const v1::Run run = RunIn("running", "a");
  ASSERT_TRUE(history_->Insert(RequestFor({kSmall, kLarger}), run).ok());
  server_.benchmark.on_call = [this] {
    v1::Run lost = *history_->Get("a", false);
    lost.set_state("complete");
    history_->Update(lost).IgnoreError();
    history_->Delete("a").IgnoreError();
  };
  const EndedRun ended = ExecuteRun(run, *history_, board_, Host(), stop_);
  EXPECT_EQ(ended.run.state(), "failed");
  EXPECT_THAT(ended.run.error(), HasSubstr("is not known"));
  EXPECT_EQ(ended.run.exit_code(), 1);
  ASSERT_TRUE(ended.report.has_value());
  EXPECT_EQ(ended.report->cases(0).status(), "ok") << "it is kept nowhere else";
  EXPECT_EQ(ended.report->cases(1).status(), "skipped");
}

}  // namespace
}  // namespace normbench
