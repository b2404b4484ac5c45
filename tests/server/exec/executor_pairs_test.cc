// SPDX-License-Identifier: Apache-2.0
// Every pair of {run, cancel, deadline, shutdown, inline} that can meet at one job or one place,
// each in a forced order: whoever comes second finds the job gone, and waits where it must.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <utility>

#include "server/exec/executor.h"
#include "tests/server/exec/executor_fixture.h"

namespace normbench {
namespace {

// An executor with one worker that `blocker` occupies.
struct OneBusyWorker {
  OneBusyWorker() {
    EXPECT_TRUE(executor.Submit(blocker.MakeJobHeldInRun()).ok());
    blocker.AwaitBegun();
  }
  ~OneBusyWorker() { blocker.Release(); }
  Probe blocker;
  Executor executor{Workers(1)};
};

// A thread that shuts down; the constructor returns when new jobs are refused.
class ShutdownThread {
 public:
  // `ended` says whether what the shutdown has to wait for is over; asked when it returns.
  ShutdownThread(
      Executor& executor, milliseconds grace, std::function<bool()> ended = [] { return true; })
      : thread_([&executor, grace, ended = std::move(ended), this] {
          executor.Shutdown(grace);
          waited_ = ended();
        }) {
    // Too late for everybody, so that asking queues nothing.
    const Job late{[] {}, [](const absl::Status&) {}, In(milliseconds(-1))};
    WaitUntil(
        [&] { return executor.Submit(late).status().code() == absl::StatusCode::kUnavailable; });
  }
  ~ShutdownThread() {
    if (thread_.joinable()) thread_.join();
  }
  // Returns whether it returned only when `ended` was true.
  bool Waited() {
    thread_.join();
    return waited_;
  }

 private:
  bool waited_ = false;
  std::thread thread_;
};

TEST(RunAndCancel, CancelFirst) {
  Probe job;
  OneBusyWorker busy;
  const JobId id = *busy.executor.Submit(job.MakeJob());
  EXPECT_TRUE(busy.executor.Cancel(id, absl::CancelledError("by the client")));
  EXPECT_EQ(job.drops(), 1);  // at once, although the worker is busy
  EXPECT_EQ(job.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(job.message(), "by the client");
  EXPECT_FALSE(busy.executor.Cancel(id, absl::CancelledError()));
  busy.blocker.Release();
  busy.executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(job.runs(), 0);
  EXPECT_EQ(job.drops(), 1);
}

TEST(RunAndCancel, RunFirst) {
  Probe job;
  Executor executor(Workers(1));
  const JobId id = *executor.Submit(job.MakeJobHeldInRun());
  job.AwaitBegun();
  EXPECT_FALSE(executor.Cancel(id, absl::CancelledError()));
  job.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_FALSE(executor.Cancel(id, absl::CancelledError()));
  EXPECT_EQ(job.runs(), 1);
  EXPECT_EQ(job.drops(), 0);
}

TEST(RunAndDeadline, DeadlineFirstWhileTheWorkerIsBusy) {
  Probe job;
  OneBusyWorker busy;
  Job expiring = job.MakeJob();
  const Deadline deadline = In(milliseconds(500));
  expiring.deadline = deadline;
  ASSERT_TRUE(busy.executor.Submit(expiring).ok());
  job.AwaitEnded();  // the worker is held until after this
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(job.code(), absl::StatusCode::kDeadlineExceeded);
  busy.blocker.Release();
  busy.executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(job.runs(), 0);
  EXPECT_EQ(job.drops(), 1);
}

TEST(RunAndDeadline, RunFirst) {
  Probe running, witness;
  Executor executor(Workers(1));
  const Deadline deadline = In(milliseconds(1000));
  Job first = running.MakeJobHeldInRun();
  first.deadline = deadline;
  ASSERT_TRUE(executor.Submit(first).ok());
  WaitUntil([&] { return running.runs() + running.drops() > 0; });
  ASSERT_EQ(running.runs(), 1) << "this machine stood still for a second";
  Job second = witness.MakeJob();
  second.deadline = deadline;
  ASSERT_TRUE(executor.Submit(second).ok());
  witness.AwaitEnded();  // the deadline has passed
  EXPECT_EQ(witness.drops(), 1);
  running.Release();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(running.runs(), 1);
  EXPECT_EQ(running.drops(), 0);
}

TEST(RunAndDeadline, TheWorkerIsThereBeforeTheTimer) {
  Probe timer_holder, job;
  OneBusyWorker busy;
  Job holder = timer_holder.MakeJobHeldInDrop();
  holder.deadline = In(milliseconds(500));
  ASSERT_TRUE(busy.executor.Submit(holder).ok());
  timer_holder.AwaitBegun();  // from here on the timer thread drops nothing
  Job expiring = job.MakeJob();
  expiring.deadline = In(milliseconds(500));
  ASSERT_TRUE(busy.executor.Submit(expiring).ok());
  WaitUntil([&] { return std::chrono::steady_clock::now() > expiring.deadline; });
  busy.blocker.Release();
  job.AwaitEnded();
  EXPECT_EQ(job.runs(), 0);
  EXPECT_EQ(job.code(), absl::StatusCode::kDeadlineExceeded);
  timer_holder.Release();
  busy.executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(job.drops(), 1);
}

TEST(RunAndShutdown, RunFirstShutdownWaits) {
  OneBusyWorker busy;
  ShutdownThread shutdown(busy.executor, milliseconds(0), [&] { return busy.blocker.ended(); });
  EXPECT_EQ(busy.executor.running(), 1);
  busy.blocker.Release();
  EXPECT_TRUE(shutdown.Waited());
  EXPECT_EQ(busy.blocker.runs(), 1);
  EXPECT_EQ(busy.blocker.drops(), 0);
}

TEST(RunAndShutdown, WithinTheGraceQueuedJobsRun) {
  Probe job;
  OneBusyWorker busy;
  ASSERT_TRUE(busy.executor.Submit(job.MakeJob()).ok());
  {
    ShutdownThread shutdown(busy.executor, milliseconds(600000));
    EXPECT_EQ(job.runs() + job.drops(), 0);
    busy.blocker.Release();
  }
  EXPECT_EQ(job.runs(), 1);
  EXPECT_EQ(job.drops(), 0);
}

TEST(RunAndShutdown, ShutdownFirstDropsWhatIsQueued) {
  Probe job;
  OneBusyWorker busy;
  ASSERT_TRUE(busy.executor.Submit(job.MakeJob()).ok());
  {
    ShutdownThread shutdown(busy.executor, milliseconds(10));
    job.AwaitEnded();  // the worker is held: the grace has to end it
    busy.blocker.Release();
  }
  EXPECT_EQ(job.runs(), 0);
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kUnavailable);
}

TEST(RunAndShutdown, TwiceAndFromTwoThreads) {
  OneBusyWorker busy;
  {
    ShutdownThread one(busy.executor, milliseconds(600000));
    ShutdownThread two(busy.executor, milliseconds(0));
    busy.blocker.Release();
  }
  busy.executor.Shutdown(milliseconds(0));
  busy.executor.Shutdown(milliseconds::max());
  busy.executor.Shutdown(milliseconds::min());
  EXPECT_EQ(busy.blocker.runs(), 1);
}

TEST(RunAndInline, InlineFirstTakesThePlace) {
  Probe job;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.TryBeginInline());
  EXPECT_FALSE(executor.TryBeginInline());
  ASSERT_TRUE(executor.Submit(job.MakeJob()).ok());
  EXPECT_EQ(executor.running(), 1);
  EXPECT_EQ(executor.queued(), 1);
  EXPECT_EQ(job.runs(), 0);
  executor.EndInline();
  job.AwaitEnded();
  EXPECT_EQ(job.runs(), 1);
}

TEST(RunAndInline, RunFirst) {
  Probe one, two, alone;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.Submit(one.MakeJobHeldInRun()).ok());
  one.AwaitBegun();
  ASSERT_TRUE(executor.TryBeginInline());  // the other place
  EXPECT_FALSE(executor.TryBeginInline());
  executor.EndInline();
  Job exclusive = alone.MakeJobHeldInRun();
  exclusive.exclusive = true;
  ASSERT_TRUE(executor.Submit(exclusive).ok());
  EXPECT_FALSE(executor.TryBeginInline());  // something exclusive waits
  one.Release();
  alone.AwaitBegun();
  EXPECT_FALSE(executor.TryBeginInline());  // something exclusive runs
  alone.Release();
}

TEST(RunAndInline, AnExclusiveJobWaitsForInlineWork) {
  Probe alone;
  Executor executor(Workers(2));
  ASSERT_TRUE(executor.TryBeginInline());
  Job exclusive = alone.MakeJob();
  exclusive.exclusive = true;
  ASSERT_TRUE(executor.Submit(exclusive).ok());
  EXPECT_EQ(executor.queued(), 1);
  EXPECT_EQ(executor.running(), 1);
  executor.EndInline();
  alone.AwaitEnded();
  EXPECT_EQ(alone.runs(), 1);
}

TEST(CancelAndDeadline, CancelFirst) {
  Probe job, witness;
  OneBusyWorker busy;
  const Deadline deadline = In(milliseconds(500));
  Job first = job.MakeJob();
  first.deadline = deadline;
  const JobId id = *busy.executor.Submit(first);
  EXPECT_TRUE(busy.executor.Cancel(id, absl::CancelledError()));
  Job second = witness.MakeJob();
  second.deadline = deadline;
  if (busy.executor.Submit(second).ok()) witness.AwaitEnded();  // the deadline has passed
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kCancelled);
  busy.blocker.Release();
}

TEST(CancelAndDeadline, DeadlineFirst) {
  Probe job;
  OneBusyWorker busy;
  Job expiring = job.MakeJobHeldInDrop();
  expiring.deadline = In(milliseconds(500));
  const JobId id = *busy.executor.Submit(expiring);
  job.AwaitBegun();  // in the middle of its drop
  EXPECT_FALSE(busy.executor.Cancel(id, absl::CancelledError()));
  job.Release();
  job.AwaitEnded();
  EXPECT_FALSE(busy.executor.Cancel(id, absl::CancelledError()));
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kDeadlineExceeded);
  busy.blocker.Release();
}

TEST(CancelAndShutdown, CancelFirstShutdownWaitsForItsDrop) {
  Probe job;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.TryBeginInline());  // keeps the job queued
  const JobId id = *executor.Submit(job.MakeJobHeldInDrop());
  std::thread canceller([&] { EXPECT_TRUE(executor.Cancel(id, absl::CancelledError())); });
  job.AwaitBegun();
  executor.EndInline();
  ShutdownThread shutdown(executor, milliseconds(0), [&] { return job.ended(); });
  EXPECT_EQ(executor.queued(), 0);
  EXPECT_EQ(executor.running(), 0);
  job.Release();
  EXPECT_TRUE(shutdown.Waited());
  canceller.join();
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kCancelled);
}

TEST(CancelAndShutdown, ShutdownFirst) {
  Probe job;
  OneBusyWorker busy;
  const JobId id = *busy.executor.Submit(job.MakeJobHeldInDrop());
  {
    ShutdownThread shutdown(busy.executor, milliseconds(0));
    job.AwaitBegun();
    EXPECT_FALSE(busy.executor.Cancel(id, absl::CancelledError()));
    job.Release();
    busy.blocker.Release();
  }
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kUnavailable);
}

TEST(CancelAndShutdown, CancelWithinTheGrace) {
  Probe job;
  OneBusyWorker busy;
  const JobId id = *busy.executor.Submit(job.MakeJob());
  {
    ShutdownThread shutdown(busy.executor, milliseconds(600000));
    EXPECT_TRUE(busy.executor.Cancel(id, absl::CancelledError()));
    busy.blocker.Release();
  }
  EXPECT_EQ(job.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(job.runs(), 0);
}

TEST(CancelAndInline, CancelOfAJobThatWaitsForInlineWork) {
  Probe job;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.TryBeginInline());
  const JobId id = *executor.Submit(job.MakeJob());
  EXPECT_FALSE(executor.TryBeginInline());
  EXPECT_TRUE(executor.Cancel(id, absl::CancelledError()));
  executor.EndInline();
  EXPECT_TRUE(executor.TryBeginInline());  // nothing is left of the cancelled job
  executor.EndInline();
  EXPECT_EQ(job.runs(), 0);
  EXPECT_EQ(job.drops(), 1);
}

TEST(DeadlineAndShutdown, DeadlineWithinTheGrace) {
  Probe job;
  OneBusyWorker busy;
  Job expiring = job.MakeJobHeldInDrop();
  expiring.deadline = In(milliseconds(500));
  ASSERT_TRUE(busy.executor.Submit(expiring).ok());
  ShutdownThread shutdown(busy.executor, milliseconds(600000), [&] { return job.ended(); });
  job.AwaitBegun();
  busy.blocker.Release();
  busy.blocker.AwaitEnded();
  job.Release();  // until now its drop has not returned
  EXPECT_TRUE(shutdown.Waited());
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(DeadlineAndShutdown, ShutdownFirst) {
  Probe job;
  OneBusyWorker busy;
  Job expiring = job.MakeJobHeldInDrop();
  expiring.deadline = In(milliseconds(1000));
  ASSERT_TRUE(busy.executor.Submit(expiring).ok());
  {
    ShutdownThread shutdown(busy.executor, milliseconds(0));
    job.AwaitBegun();
    WaitUntil([&] { return std::chrono::steady_clock::now() > expiring.deadline; });
    job.Release();
    busy.blocker.Release();
  }
  EXPECT_EQ(job.drops(), 1);
  EXPECT_EQ(job.code(), absl::StatusCode::kUnavailable);
}

TEST(DeadlineAndInline, DeadlineWhileInlineWorkHoldsThePlace) {
  Probe job;
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.TryBeginInline());
  Job expiring = job.MakeJob();
  expiring.deadline = In(milliseconds(500));
  ASSERT_TRUE(executor.Submit(expiring).ok());
  job.AwaitEnded();
  EXPECT_EQ(job.code(), absl::StatusCode::kDeadlineExceeded);
  executor.EndInline();
  executor.Shutdown(milliseconds(10000));
  EXPECT_EQ(job.runs(), 0);
}

TEST(ShutdownAndInline, ShutdownWaitsForInlineWork) {
  Executor executor(Workers(1));
  ASSERT_TRUE(executor.TryBeginInline());
  std::atomic<bool> ended{false};
  ShutdownThread shutdown(executor, milliseconds(0), [&] { return ended.load(); });
  EXPECT_FALSE(executor.TryBeginInline());
  ended = true;
  executor.EndInline();
  EXPECT_TRUE(shutdown.Waited());
  EXPECT_EQ(executor.running(), 0);
}

TEST(ShutdownAndInline, ShutdownFirst) {
  Executor executor(Workers(1));
  executor.Shutdown(milliseconds(0));
  EXPECT_FALSE(executor.TryBeginInline());
  EXPECT_EQ(executor.Submit({[] {}, [](const absl::Status&) {}}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace normbench
