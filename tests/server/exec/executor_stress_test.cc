// SPDX-License-Identifier: Apache-2.0
// Everything at once, for the thread sanitizer and for the one promise: every accepted job ends in
// exactly one call, whoever gets to it first.
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <vector>

#include "server/exec/executor.h"
#include "tests/server/exec/executor_fixture.h"

namespace normbench {
namespace {

constexpr int kThreads = 4;
constexpr int kJobsPerThread = 10000;

struct Counts {
  std::atomic<int64_t> accepted{0};
  std::atomic<int64_t> refused{0};
  std::atomic<int64_t> run{0};
  std::atomic<int64_t> dropped{0};
  std::atomic<int64_t> ended_twice{0};
  std::atomic<int> normal_now{0};
  std::atomic<int> exclusive_now{0};
  std::atomic<int64_t> not_alone{0};
};

Job RandomJob(Counts& counts, std::mt19937& random) {
  auto ended = std::make_shared<std::atomic<int>>(0);
  Job job;
  job.exclusive = random() % 50 == 0;
  job.cost_seconds = 1e-6 * (random() % 5);
  if (random() % 3 == 0) job.deadline = In(milliseconds(random() % 4));
  job.run = [&counts, ended, exclusive = job.exclusive] {
    std::atomic<int>& now = exclusive ? counts.exclusive_now : counts.normal_now;
    ++now;
    if (exclusive ? counts.normal_now > 0 || counts.exclusive_now > 1 : counts.exclusive_now > 0) {
      ++counts.not_alone;
    }
    --now;
    ++counts.run;
    counts.ended_twice += ended->fetch_add(1);
  };
  job.drop = [&counts, ended](const absl::Status& reason) {
    EXPECT_FALSE(reason.ok());
    ++counts.dropped;
    counts.ended_twice += ended->fetch_add(1);
  };
  return job;
}

void SubmitAndCancel(Executor& executor, Counts& counts, int seed) {
  std::mt19937 random(seed);
  std::deque<JobId> recent;
  for (int i = 0; i < kJobsPerThread; ++i) {
    absl::StatusOr<JobId> id = executor.Submit(RandomJob(counts, random));
    while (id.status().code() == absl::StatusCode::kResourceExhausted) {
      std::this_thread::yield();
      id = executor.Submit(RandomJob(counts, random));
    }
    ++(id.ok() ? counts.accepted : counts.refused);
    if (id.ok()) recent.push_back(*id);
    if (recent.size() > 3) {
      if (random() % 2 == 0) executor.Cancel(recent.front(), absl::CancelledError());
      recent.pop_front();
    }
    if (random() % 10 == 0 && executor.TryBeginInline()) {
      if (counts.exclusive_now > 0) ++counts.not_alone;
      executor.EndInline();
    }
    if (random() % 100 == 0) executor.PositionOf(i);
  }
}

// Shuts down when `at` jobs have ended; 0: after all were submitted.
void Stress(int workers, int64_t at) {
  Counts counts;
  ExecutorOptions options = Workers(workers);
  options.max_queued = 64;
  Executor executor(options);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { SubmitAndCancel(executor, counts, i); });
  }
  if (at > 0) {
    WaitUntil([&] { return counts.run + counts.dropped >= at; });
    executor.Shutdown(milliseconds(0));
    EXPECT_EQ(executor.queued(), 0);
  }
  for (std::thread& thread : threads) thread.join();
  executor.Shutdown(milliseconds(600000));
  EXPECT_EQ(counts.run + counts.dropped, counts.accepted);
  EXPECT_EQ(counts.accepted + counts.refused, kThreads * kJobsPerThread);
  EXPECT_EQ(counts.ended_twice, 0);
  EXPECT_EQ(counts.not_alone, 0);
  EXPECT_GT(counts.run, 0);
  EXPECT_GT(counts.dropped, 0);
  EXPECT_EQ(executor.running(), 0);
  EXPECT_EQ(executor.wait_seconds(), 0);
}

TEST(ExecutorStress, OneWorker) {
  Stress(1, 0);
}
TEST(ExecutorStress, ThreeWorkers) {
  Stress(3, 0);
}
TEST(ExecutorStress, ShutdownInTheMiddle) {
  Stress(2, kJobsPerThread / 4);
}

}  // namespace
}  // namespace normbench
