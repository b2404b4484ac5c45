// SPDX-License-Identifier: Apache-2.0
#include "server/exec/job_queue.h"

#include <iterator>

namespace normbench {

void JobQueue::Push(JobId id, Job job) {
  if (job.deadline != Deadline::max()) deadlines_.emplace(job.deadline, id);
  exclusive_count_ += job.exclusive;
  worker_seconds_ += Weight(job);
  jobs_.emplace_hint(jobs_.end(), id, std::move(job));
}

int JobQueue::PositionOf(JobId id) const {
  const auto position = jobs_.find(id);
  if (position == jobs_.end()) return -1;
  return static_cast<int>(std::distance(jobs_.begin(), position));
}

Deadline JobQueue::NextDeadline() const {
  return deadlines_.empty() ? Deadline::max() : deadlines_.begin()->first;
}

Job JobQueue::PopFront() {
  return Take(jobs_.begin());
}

std::optional<Job> JobQueue::Remove(JobId id) {
  const auto position = jobs_.find(id);
  if (position == jobs_.end()) return std::nullopt;
  return Take(position);
}

std::vector<Job> JobQueue::RemoveExpired(Deadline now) {
  std::vector<Job> expired;
  while (NextDeadline() <= now && !deadlines_.empty()) {
    expired.push_back(Take(jobs_.find(deadlines_.begin()->second)));
  }
  return expired;
}

std::vector<Job> JobQueue::RemoveAll() {
  std::vector<Job> all;
  all.reserve(jobs_.size());
  while (!jobs_.empty()) all.push_back(PopFront());
  return all;
}

Job JobQueue::Take(Jobs::iterator position) {
  Job job = std::move(position->second);
  if (job.deadline != Deadline::max()) deadlines_.erase({job.deadline, position->first});
  exclusive_count_ -= job.exclusive;
  worker_seconds_ -= Weight(job);
  jobs_.erase(position);
  if (jobs_.empty()) worker_seconds_ = 0;  // forgets what rounding has left
  return job;
}

double JobQueue::Weight(const Job& job) const {
  return job.cost_seconds * (job.exclusive ? workers_ : 1);
}

}  // namespace normbench
