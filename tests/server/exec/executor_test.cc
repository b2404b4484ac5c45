// SPDX-License-Identifier: Apache-2.0
// One thing at a time: limits, estimates, order, queries. Pairs of things: executor_pairs_test.cc.
#include "server/exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "server/exec/mutex.h"
#include "tests/server/exec/executor_fixture.h"

namespace normbench {
namespace {

using testing::HasSubstr;
using testing::Not;

Job WithCost(Job job, double seconds) {
  job.cost_seconds = seconds;
  return job;
}

Job WithDeadline(Job job, Deadline deadline) {
  job.deadline = deadline;
  return job;
}

Job Exclusive(Job job) {
  job.exclusive = true;
  return job;
}

TEST(Executor, RunsAJobOnAThreadOfItsOwn) {
  std::thread::id ran_on;
  std::latch ran(1);
  Executor executor(Workers(1));
  Job job;
  job.run = [&] { ran_on = std::this_thread::get_id(), ran.count_down(); };
  job.drop = [](const absl::Status&) { FAIL(); };
  ASSERT_TRUE(executor.Submit(job).ok());
  ran.wait();
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(Executor, WorkersRunAtTheSameTime) {
  std::vector<Probe> jobs(3);
  Executor executor(Workers(3));
  for (Probe& job : jobs) ASSERT_TRUE(executor.Submit(job.MakeJobHeldInRun()).ok());
  for (Probe& job : jobs) job.AwaitBegun();  // would never end with fewer workers
  EXPECT_EQ(executor.running(), 3);
  for (Probe& job : jobs) job.Release();
}

TEST(Executor, StartsInTheOrderOfSubmission) {
  Probe first;
  std::vector<int> order;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.Submit(first.MakeJobHeldInRun()).ok());
  first.AwaitBegun();
  for (int i = 0; i < 20; ++i) {
    Job job;
    job.run = [&order, i] { order.push_back(i); };
    job.drop = [](const absl::Status&) { FAIL(); };
    ASSERT_TRUE(executor.Submit(job).ok());
  }
  first.Release();
  executor.Shutdown(milliseconds(10000));
  ASSERT_EQ(order.size(), 20u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order[i], i);
}

TEST(Executor, InitialisesEachWorkerOnceBeforeItsFirstJob) {
  Mutex mutex;
  std::set<std::thread::id> initialised;
  int calls = 0;
  ExecutorOptions options = Workers(4);
  options.worker_init = [&] {
    MutexLock lock(&mutex);
    initialised.insert(std::this_thread::get_id());
    ++calls;
  };
  Executor executor(options);
  for (int i = 0; i < 50; ++i) {
    Job job;
    job.run = [&] {
      MutexLock lock(&mutex);
      EXPECT_TRUE(initialised.contains(std::this_thread::get_id()));
    };
    job.drop = [](const absl::Status&) { FAIL(); };
    ASSERT_TRUE(executor.Submit(job).ok());
  }
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(initialised.size(), 4u);
}

TEST(Executor, HoldsWorkUntilItIsTold) {
  std::atomic<int64_t> end{0};
  Deadline started;
  Probe probe;
  ExecutorOptions options;
  options.hold_until = [&end](Deadline now) {
    const Deadline until = now + milliseconds(20);
    end = until.time_since_epoch().count();
    return until;
  };
  Executor executor(options);
  EXPECT_FALSE(executor.TryBeginInline()) << "inline work is held, too";
  Job job = probe.MakeJob();
  job.run = [&started, run = job.run] {
    started = std::chrono::steady_clock::now();
    run();
  };
  ASSERT_TRUE(executor.Submit(std::move(job)).ok());
  probe.AwaitEnded();
  EXPECT_GE(started.time_since_epoch().count(), end.load());
}

TEST(Executor, RefusesBeyondItsQueue) {
  ExecutorOptions options = Workers(1);
  options.max_queued = 2;
  options.max_queued_exclusive = 1;
  Probe running, one, two, three, alone, alone_too;
  Executor executor(options);
  ASSERT_TRUE(executor.Submit(running.MakeJobHeldInRun()).ok());
  running.AwaitBegun();
  ASSERT_TRUE(executor.Submit(one.MakeJob()).ok());
  ASSERT_TRUE(executor.Submit(two.MakeJob()).ok());
  const absl::Status refusal = executor.Submit(three.MakeJob()).status();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("queue: 2 requests wait, the limit is 2"));
  ASSERT_TRUE(executor.Submit(Exclusive(alone.MakeJob())).ok());
  EXPECT_EQ(executor.Submit(Exclusive(alone_too.MakeJob())).status().code(),
            absl::StatusCode::kResourceExhausted);
  running.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(one.runs() + two.runs() + alone.runs(), 3);
  EXPECT_EQ(three.runs() + three.drops() + alone_too.runs() + alone_too.drops(), 0);
}

TEST(Executor, RefusesADeadlineThatHasPassed) {
  Probe late;
  Executor executor(Workers(1));
  EXPECT_EQ(executor.Submit(WithDeadline(late.MakeJob(), In(milliseconds(-1)))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  executor.Shutdown(milliseconds(0));
  EXPECT_EQ(late.runs() + late.drops(), 0);
}

TEST(Executor, RefusesWhatWouldWaitTooLong) {
  Probe one, two, queued, hurried, patient;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.Submit(WithCost(one.MakeJobHeldInRun(), 10000)).ok());
  one.AwaitBegun();
  // A worker is free: there is no wait, whatever the other one does.
  ASSERT_TRUE(executor.Submit(WithDeadline(two.MakeJobHeldInRun(), In(milliseconds(60000)))).ok());
  two.AwaitBegun();
  ASSERT_TRUE(executor.Submit(WithCost(queued.MakeJob(), 10000)).ok());
  // (about 10000 running + 10000 waiting) / 2 workers
  const absl::Status refusal =
      executor.Submit(WithDeadline(hurried.MakeJob(), In(milliseconds(9000000)))).status();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("estimated wait"));
  EXPECT_TRUE(executor.Submit(WithDeadline(patient.MakeJob(), In(milliseconds(10001000)))).ok());
  one.Release();
  two.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(patient.runs(), 1);
  EXPECT_EQ(hurried.runs() + hurried.drops(), 0);
}

TEST(Executor, AnExclusiveJobOccupiesAllWorkersInTheEstimate) {
  Probe alone, hurried;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.Submit(WithCost(Exclusive(alone.MakeJobHeldInRun()), 10000)).ok());
  alone.AwaitBegun();
  EXPECT_EQ(
      executor.Submit(WithDeadline(hurried.MakeJob(), In(milliseconds(9000000)))).status().code(),
      absl::StatusCode::kDeadlineExceeded);
  alone.Release();
}

TEST(Executor, AnExclusiveJobThatHasUsedUpItsEstimateIsNoWait) {
  Probe alone, hurried;
  Executor executor(Workers(16));
  ASSERT_TRUE(executor.Submit(WithCost(Exclusive(alone.MakeJobHeldInRun()), 0.2)).ok());
  alone.AwaitBegun();
  const Deadline used_up = In(milliseconds(200));
  WaitUntil([&] { return std::chrono::steady_clock::now() >= used_up; });
  const absl::Status status =
      executor.Submit(WithDeadline(hurried.MakeJob(), In(milliseconds(100)))).status();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("estimated wait")));
  alone.Release();
}

TEST(Executor, CountsWhatWaits) {
  Probe running, one, two;
  Executor executor(Workers(1));
  EXPECT_EQ(executor.queued(), 0);
  EXPECT_EQ(executor.running(), 0);
  const JobId first = *executor.Submit(running.MakeJobHeldInRun());
  running.AwaitBegun();
  const JobId second = *executor.Submit(WithCost(one.MakeJob(), 1.5));
  const JobId third = *executor.Submit(WithCost(two.MakeJob(), 0.25));
  EXPECT_EQ(executor.queued(), 2);
  EXPECT_EQ(executor.running(), 1);
  EXPECT_DOUBLE_EQ(executor.wait_seconds(), 1.75);
  EXPECT_EQ(executor.PositionOf(first), -1);
  EXPECT_EQ(executor.PositionOf(second), 0);
  EXPECT_EQ(executor.PositionOf(third), 1);
  EXPECT_EQ(executor.PositionOf(third + 1), -1);
  running.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(executor.queued(), 0);
  EXPECT_EQ(executor.running(), 0);
  EXPECT_EQ(executor.wait_seconds(), 0);
}

TEST(Executor, WorkersShareWhatWaits) {
  std::vector<Probe> running(4), waiting(3);
  Executor executor(Workers(4));
  for (Probe& probe : running) {
    ASSERT_TRUE(executor.Submit(probe.MakeJobHeldInRun()).ok());
    probe.AwaitBegun();
  }
  for (Probe& probe : waiting) ASSERT_TRUE(executor.Submit(WithCost(probe.MakeJob(), 8)).ok());
  EXPECT_DOUBLE_EQ(executor.wait_seconds(), 6);
  for (Probe& probe : running) probe.Release();
}

TEST(Executor, AnAbsurdCostSpoilsNothing) {
  Probe running, absurd;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.Submit(running.MakeJobHeldInRun()).ok());
  running.AwaitBegun();
  for (double cost : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
    Probe dropped;
    const JobId id = *executor.Submit(WithCost(dropped.MakeJob(), cost));
    EXPECT_EQ(executor.wait_seconds(), 0);
    EXPECT_TRUE(executor.Cancel(id, absl::CancelledError()));
  }
  const JobId id =
      *executor.Submit(WithCost(absurd.MakeJob(), std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(executor.Cancel(id, absl::CancelledError()));
  EXPECT_EQ(executor.wait_seconds(), 0);
  running.Release();
}

TEST(ExecutorExclusive, WaitsForEarlierAndHoldsLaterJobs) {
  Probe earlier, alone, later;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.Submit(earlier.MakeJobHeldInRun()).ok());
  earlier.AwaitBegun();
  ASSERT_TRUE(executor.Submit(Exclusive(alone.MakeJobHeldInRun())).ok());
  ASSERT_TRUE(executor.Submit(later.MakeJob()).ok());
  EXPECT_EQ(executor.running(), 1);  // a worker is free, and stays so
  EXPECT_EQ(executor.queued(), 2);
  earlier.Release();
  alone.AwaitBegun();
  EXPECT_EQ(earlier.runs(), 1);
  EXPECT_EQ(executor.running(), 1);
  EXPECT_EQ(executor.queued(), 1);
  EXPECT_EQ(later.runs(), 0);
  alone.Release();
  later.AwaitEnded();
  EXPECT_EQ(later.runs(), 1);
}

TEST(ExecutorExclusive, AStreamOfOthersDoesNotStarveIt) {
  Probe alone;
  std::atomic<bool> done{false};
  std::atomic<int> ran{0};
  std::function<void()> successor;
  Executor executor(Workers(2));
  // Each job submits its successor before it ends, so that some job always runs or waits.
  successor = [&] {
    ++ran;
    if (!done) executor.Submit({successor, [](const absl::Status&) {}}).IgnoreError();
  };
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(executor.Submit({successor, [](const absl::Status&) {}}).ok());
  }
  WaitUntil([&] { return ran > 100; });
  Job job = Exclusive(alone.MakeJob());
  job.run = [&, run = job.run] {
    EXPECT_EQ(executor.running(), 1);
    run();
  };
  ASSERT_TRUE(executor.Submit(job).ok());
  alone.AwaitEnded();  // would never end if it starved
  done = true;
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(alone.runs(), 1);
}

TEST(ExecutorExclusive, AllWorkersGoOnWhenItLeaves) {
  for (const bool by_cancel : {true, false}) {
    Probe earlier, alone, one, two;
    Executor executor(Workers(3));
    ASSERT_TRUE(executor.Submit(earlier.MakeJobHeldInRun()).ok());
    earlier.AwaitBegun();
    Job job = Exclusive(alone.MakeJob());
    if (!by_cancel) job.deadline = In(milliseconds(500));
    const JobId id = *executor.Submit(job);
    ASSERT_TRUE(executor.Submit(one.MakeJobHeldInRun()).ok());
    ASSERT_TRUE(executor.Submit(two.MakeJobHeldInRun()).ok());
    EXPECT_EQ(by_cancel && executor.Cancel(id, absl::CancelledError()), by_cancel);
    alone.AwaitEnded();
    EXPECT_EQ(alone.drops(), 1);
    one.AwaitBegun();  // beside `earlier`, which still runs
    two.AwaitBegun();
    EXPECT_EQ(executor.running(), 3);
    earlier.Release();
    one.Release();
    two.Release();
  }
}

TEST(ExecutorExclusive, AllWorkersGoOnWhenItHasEnded) {
  Probe alone, one, two;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.Submit(Exclusive(alone.MakeJobHeldInRun())).ok());
  alone.AwaitBegun();
  ASSERT_TRUE(executor.Submit(one.MakeJobHeldInRun()).ok());
  ASSERT_TRUE(executor.Submit(two.MakeJobHeldInRun()).ok());
  alone.Release();
  one.AwaitBegun();
  two.AwaitBegun();
  EXPECT_EQ(executor.running(), 2);
  one.Release();
  two.Release();
}

TEST(Executor, TheCallablesAreGoneAfterShutdown) {
  Probe running;
  Executor executor(Workers(1));
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(executor.Submit(running.MakeJobHeldInRun()).ok());
  running.AwaitBegun();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(executor.Submit({[held] {}, [held](const absl::Status&) {}}).ok());
  }
  EXPECT_EQ(held.use_count(), 7);
  running.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Executor, ManyJobsWithDeadlinesEachExpire) {
  Probe running;
  std::vector<Probe> probes(20);
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.Submit(running.MakeJobHeldInRun()).ok());
  running.AwaitBegun();
  // Falling deadlines: each is earlier than what the timer waits for.
  for (int i = 0; i < 20; ++i) {
    Job job = WithDeadline(probes[i].MakeJob(), In(milliseconds(600 - 2 * i)));
    ASSERT_TRUE(executor.Submit(job).ok());
  }
  for (Probe& probe : probes) {
    probe.AwaitEnded();
    EXPECT_EQ(probe.code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(probe.drops(), 1);
  }
  EXPECT_EQ(executor.queued(), 0);
  running.Release();
}

}  // namespace
}  // namespace normbench
