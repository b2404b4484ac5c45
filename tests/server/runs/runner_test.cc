// SPDX-License-Identifier: Apache-2.0
#include "server/runs/runner.h"

#include <gtest/gtest.h>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

class RunnerTest : public RunsFixture {
 protected:
  ~RunnerTest() override { Release(); }

  void Insert(const std::string& id) {
    ASSERT_TRUE(history_->Insert(RequestFor({kSmall}), RunIn("queued", id)).ok());
    runner_->Wake();
  }

  std::string StateOf(const std::string& id) { return history_->Get(id, false)->state(); }

  void AwaitEnds(int count) {
    const absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return ends_ >= count; };
    mutex_.Await(absl::Condition(&reached));
  }

  absl::Mutex mutex_;
  int ends_ = 0;
  std::unique_ptr<History> history_ = *History::Open(path_);
  RunBoard board_;
  std::unique_ptr<Runner> runner_ = MakeRunner(absl::Hours(1));

  std::unique_ptr<Runner> MakeRunner(absl::Duration every) {
    const auto tidy = [this] {
      const absl::MutexLock lock(&mutex_);
      ++ends_;
    };
    return std::make_unique<Runner>(*history_, board_, metrics_,
                                    RunnerChores{.tidy = tidy, .every = every});
  }
};

TEST_F(RunnerTest, ExecutesWhatWaitsOneAfterTheOther) {
  HoldCases();
  Insert("first");
  Insert("second");
  EXPECT_EQ(metrics_.run_queue_length().Value(), 2);
  runner_->Start(Host());
  entered_.WaitForNotification();
  EXPECT_EQ(StateOf("first"), "running");
  EXPECT_NE(history_->Get("first", false)->started(), "");
  EXPECT_EQ(StateOf("second"), "queued");
  EXPECT_EQ(metrics_.run_active().Value(), 1);
  Insert("third");
  Release();
  AwaitEnds(3);
  for (const char* id : {"first", "second", "third"}) EXPECT_EQ(StateOf(id), "complete");
  EXPECT_LE(history_->Get("first", false)->ended(), history_->Get("second", false)->started());
  EXPECT_LE(history_->Get("second", false)->ended(), history_->Get("third", false)->started());
  runner_->Stop();
  EXPECT_EQ(metrics_.run_active().Value(), 0);
  EXPECT_EQ(metrics_.run_queue_length().Value(), 0);
}

TEST_F(RunnerTest, CancelsWhatWaitsAtOnceAndWhatRunsSoon) {
  server_.benchmark.hang = true;
  HoldCases();
  Release();
  Insert("runs");
  Insert("waits");
  runner_->Start(Host());
  entered_.WaitForNotification();
  const auto waits = runner_->Cancel("waits");
  ASSERT_TRUE(waits.ok()) << waits.status();
  EXPECT_EQ(waits->state(), "cancelled");
  EXPECT_EQ(waits->exit_code(), 130);
  EXPECT_EQ(StateOf("waits"), "cancelled");
  EXPECT_EQ(runner_->Cancel("runs")->state(), "running");
  AwaitEnds(1);
  EXPECT_EQ(StateOf("runs"), "cancelled");
  EXPECT_EQ(runner_->Cancel("runs")->ended(), history_->Get("runs", false)->ended());
  EXPECT_EQ(runner_->Cancel("nobody").status().code(), absl::StatusCode::kNotFound);
  server_.Stop();  // waits for the case
  EXPECT_EQ(server_.benchmark.cancelled, 1);
}

TEST_F(RunnerTest, ACancelledRunDoesNotCancelTheNext) {
  server_.benchmark.hang = true;
  HoldCases();
  Release();
  Insert("first");
  runner_->Start(Host());
  entered_.WaitForNotification();
  ASSERT_TRUE(runner_->Cancel("first").ok());
  AwaitEnds(1);
  server_.benchmark.hang = false;
  Insert("second");
  AwaitEnds(2);
  EXPECT_EQ(StateOf("second"), "complete");
}

TEST_F(RunnerTest, StopsWithWhatWaitsStillWaiting) {
  server_.benchmark.hang = true;
  HoldCases();
  Release();
  Insert("runs");
  Insert("waits");
  runner_->Start(Host());
  entered_.WaitForNotification();
  runner_->Stop();
  runner_->Stop();
  EXPECT_EQ(StateOf("runs"), "interrupted");
  EXPECT_EQ(StateOf("waits"), "queued");

  server_.benchmark.hang = false;
  runner_ = MakeRunner(absl::Hours(1));
  runner_->Start(Host());
  AwaitEnds(2);
  EXPECT_EQ(StateOf("waits"), "complete");
}

// As where the disk was full when the server opened the history.
TEST_F(RunnerTest, EndsWhatAServerBeforeItLeftUnderWay) {
  ASSERT_TRUE(history_->Insert(RequestFor({kSmall}), RunIn("running", "left")).ok());
  const auto cancelled = runner_->Cancel("left");
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), "running");
  Insert("next");
  runner_->Start(Host());
  AwaitEnds(1);
  EXPECT_EQ(StateOf("left"), "interrupted");
  EXPECT_EQ(StateOf("next"), "complete");
}

TEST_F(RunnerTest, IsTidyWhileNothingWaits) {
  runner_ = MakeRunner(absl::Milliseconds(1));
  runner_->Start(Host());
  AwaitEnds(3);
}

TEST_F(RunnerTest, TellsTheLastSuccess) {
  server_.benchmark.err_scaled = 1e9;
  Insert("wrong");
  runner_->Start(Host());
  AwaitEnds(1);
  EXPECT_EQ(history_->Get("wrong", false)->exit_code(), 4);
  const auto series = [this] {
    size_t count = 0;
    for (const auto& family : metrics_.registry().Collect()) {
      if (family.name.find("run_last_success") != std::string::npos) count += family.metric.size();
    }
    return count;
  };
  EXPECT_EQ(series(), 0u);
  server_.benchmark.err_scaled = 1;
  Insert("right");
  AwaitEnds(2);
  EXPECT_EQ(series(), 1u);
}

}  // namespace
}  // namespace normbench
