// SPDX-License-Identifier: Apache-2.0
#include "client/remote/watched_run.h"

#include <chrono>
#include <thread>

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

class WatchedRunTest : public RunsServiceFixture {
 protected:
  absl::StatusOr<WatchedRun> Watched(const v1::Run& run, double patience = 30) {
    v1::Sweep sweep;
    sweep.set_name("sent");
    ::testing::internal::CaptureStderr();  // progress
    auto watched = WatchRun(remote_, run,
                            {.server = address_,
                             .patience_seconds = patience,
                             .stop = [this] { return stop_.load(); },
                             .sweep = sweep},
                            client_metrics_);
    stderr_ = ::testing::internal::GetCapturedStderr();
    return watched;
  }
  // Whether the result of a case has come.
  bool HasCase() {
    for (const auto& family : client_metrics_.results()->Collect()) {
      if (family.name == "normbench_case_throughput_samples_per_second" && !family.metric.empty())
        return true;
    }
    return false;
  }
  v1::Run Submitted() { return *runs_->Submit(Small()); }

  std::atomic<bool> stop_ = false;
  ClientMetrics client_metrics_{"test"};
  std::string stderr_;
};

TEST_F(WatchedRunTest, EndsWithTheReportOfTheServer) {
  StartRuns();
  const auto watched = Watched(Submitted());
  ASSERT_TRUE(watched.ok()) << watched.status();
  EXPECT_TRUE(watched->status.ok());
  EXPECT_EQ(watched->run.state(), "complete");
  ASSERT_TRUE(watched->report.has_value());
  EXPECT_EQ(watched->report->outcome(), "complete");
  EXPECT_EQ(watched->report->cases(0).status(), "ok");
  EXPECT_EQ(watched->report->sweep().name(), "test");
  EXPECT_FALSE(watched->run.has_report());
}

TEST_F(WatchedRunTest, HasNoReportOfARunThatNeverBegan) {
  const v1::Run run = Submitted();
  v1::CancelRequest cancel;
  cancel.set_run_id(run.run_id());
  ASSERT_TRUE(runs_->Cancel(cancel).ok());
  const auto watched = Watched(run);
  ASSERT_TRUE(watched.ok()) << watched.status();
  EXPECT_EQ(watched->run.state(), "cancelled");
  EXPECT_FALSE(watched->report.has_value());
}

TEST_F(WatchedRunTest, HasTheCasesUntilTheServerWasLost) {
  v1::SubmitRequest request = Small();
  request.mutable_sweep()->mutable_cases(0)->add_key("norm/rms?impl=torch&shape=8x4&dev=cpu");
  measured_.benchmark.on_call = [this] {
    if (measured_.benchmark.batch_sizes().size() < 2) return;
    entered_.Notify();
    released_.WaitForNotification();
  };
  StartRuns();
  const v1::Run run = *runs_->Submit(request);
  std::thread gone([this] {
    entered_.WaitForNotification();
    for (int i = 0; i < 3000 && !HasCase(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    StopListening();
  });
  const auto watched = Watched(run, 0.3);
  gone.join();
  Release();
  ASSERT_TRUE(watched.ok()) << watched.status();
  EXPECT_EQ(watched->status.code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(watched->report.has_value());
  EXPECT_EQ(watched->report->outcome(), "server_lost");
  EXPECT_EQ(watched->report->exit_code(), 1);
  EXPECT_EQ(watched->report->sweep().name(), "sent");
  EXPECT_EQ(watched->report->run_id(), run.run_id());
  ASSERT_EQ(watched->report->cases_size(), 1);
  EXPECT_EQ(watched->report->cases(0).status(), "ok");
}

TEST_F(WatchedRunTest, LeavesTheRunAloneWhenItIsStopped) {
  const v1::Run run = Submitted();
  stop_ = true;
  EXPECT_EQ(Watched(run).status().code(), absl::StatusCode::kCancelled);
  v1::GetRequest get;
  get.set_run_id(run.run_id());
  EXPECT_EQ(runs_->Get(get)->state(), "queued");
}

}  // namespace
}  // namespace normbench
