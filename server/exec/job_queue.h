// SPDX-License-Identifier: Apache-2.0
// The jobs that wait, in order of submission, found also by id and by deadline. A value without a
// lock and without a clock: Executor guards it and says what time it is.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "server/exec/job.h"

namespace normbench {

// Not thread-safe.
class JobQueue {
 public:
  // `workers` weighs exclusive jobs in worker_seconds(): they occupy all of them.
  explicit JobQueue(int workers) : workers_(workers) {}

  // REQUIRES: `id` is greater than every id before: ids are the order.
  void Push(JobId id, Job job);

  bool empty() const { return jobs_.empty(); }
  size_t size() const { return jobs_.size(); }
  size_t exclusive_count() const { return exclusive_count_; }
  // Estimated time on one worker of all that waits.
  double worker_seconds() const { return worker_seconds_; }
  // Jobs before `id`; -1 if it does not wait.
  int PositionOf(JobId id) const;
  // The first deadline of all; Deadline::max() if no job has one.
  Deadline NextDeadline() const;

  // REQUIRES: not empty.
  const Job& Front() const { return jobs_.begin()->second; }
  Job PopFront();
  std::optional<Job> Remove(JobId id);
  std::vector<Job> RemoveExpired(Deadline now);
  std::vector<Job> RemoveAll();

 private:
  using Jobs = std::map<JobId, Job>;
  Job Take(Jobs::iterator position);
  double Weight(const Job& job) const;

  const int workers_;
  Jobs jobs_;
  std::set<std::pair<Deadline, JobId>> deadlines_;  // of the jobs that have one
  size_t exclusive_count_ = 0;
  double worker_seconds_ = 0;
};

}  // namespace normbench
