// SPDX-License-Identifier: Apache-2.0
#include "server/exec/job_queue.h"

#include <gtest/gtest.h>

#include <chrono>

namespace normbench {
namespace {

Deadline At(int seconds) {
  return Deadline(std::chrono::seconds(seconds));
}

Job MakeJob(double cost, Deadline deadline = Deadline::max(), bool exclusive = false) {
  return {[] {}, [](const absl::Status&) {}, deadline, cost, exclusive};
}

TEST(JobQueue, FirstInFirstOut) {
  JobQueue queue(1);
  queue.Push(3, MakeJob(1));
  queue.Push(7, MakeJob(2));
  queue.Push(8, MakeJob(3));
  EXPECT_EQ(queue.Front().cost_seconds, 1);
  EXPECT_EQ(queue.PositionOf(8), 2);
  EXPECT_EQ(queue.PositionOf(4), -1);
  EXPECT_EQ(queue.PopFront().cost_seconds, 1);
  EXPECT_EQ(queue.PopFront().cost_seconds, 2);
  EXPECT_EQ(queue.PositionOf(8), 0);
  EXPECT_EQ(queue.PopFront().cost_seconds, 3);
  EXPECT_TRUE(queue.empty());
}

TEST(JobQueue, RemovesById) {
  JobQueue queue(1);
  queue.Push(1, MakeJob(1, At(5)));
  queue.Push(2, MakeJob(2, At(4)));
  EXPECT_EQ(queue.Remove(2)->cost_seconds, 2);
  EXPECT_FALSE(queue.Remove(2).has_value());
  EXPECT_EQ(queue.NextDeadline(), At(5));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(JobQueue, RemovesWhatExpiredByDeadline) {
  JobQueue queue(1);
  EXPECT_EQ(queue.NextDeadline(), Deadline::max());
  queue.Push(1, MakeJob(1, At(30)));
  queue.Push(2, MakeJob(2));
  queue.Push(3, MakeJob(3, At(10)));
  queue.Push(4, MakeJob(4, At(20)));
  queue.Push(5, MakeJob(5, At(20)));
  EXPECT_EQ(queue.NextDeadline(), At(10));
  EXPECT_TRUE(queue.RemoveExpired(At(9)).empty());
  const std::vector<Job> expired = queue.RemoveExpired(At(20));
  ASSERT_EQ(expired.size(), 3u);
  EXPECT_EQ(expired[0].cost_seconds, 3);
  EXPECT_EQ(expired[1].cost_seconds, 4);
  EXPECT_EQ(expired[2].cost_seconds, 5);
  EXPECT_EQ(queue.NextDeadline(), At(30));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.RemoveExpired(Deadline::max()).size(), 1u);  // not the one without a deadline
  EXPECT_EQ(queue.RemoveAll().size(), 1u);
  EXPECT_TRUE(queue.empty());
}

TEST(JobQueue, SumsCostsAndCountsExclusiveJobs) {
  JobQueue queue(4);
  queue.Push(1, MakeJob(0.1));
  queue.Push(2, MakeJob(0.5, Deadline::max(), true));
  queue.Push(3, MakeJob(0.2));
  EXPECT_DOUBLE_EQ(queue.worker_seconds(), 0.1 + 4 * 0.5 + 0.2);
  EXPECT_EQ(queue.exclusive_count(), 1u);
  queue.Remove(2);
  EXPECT_NEAR(queue.worker_seconds(), 0.3, 1e-12);
  EXPECT_EQ(queue.exclusive_count(), 0u);
  queue.PopFront();
  queue.PopFront();
  EXPECT_EQ(queue.worker_seconds(), 0);  // exactly: rounding does not pile up
}

}  // namespace
}  // namespace normbench
