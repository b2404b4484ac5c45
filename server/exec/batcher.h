// SPDX-License-Identifier: Apache-2.0
// Between the callers of one model and the workers: requests wait here, and a worker that is free
// takes as many of one kind as are there then. So a batch is formed as late as possible, costs a
// lone request nothing, and whoever is cancelled or expires leaves at that moment.
//
// In the executor's queue the model has at most one place at a time, a turn: so its batches take
// turns with the work of others.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/exec/batch_queue.h"
#include "server/exec/job.h"
#include "server/exec/mutex.h"

namespace normbench {

using Batch = std::vector<std::unique_ptr<BatchItem>>;

// Thread-safe. Every item that Submit accepts ends in exactly one way: it is part of a batch that
// runs, or it is dropped.
class Batcher {
 public:
  struct Options {
    // Queues a turn: Executor::Submit of an executor that outlives the batcher.
    std::function<absl::StatusOr<JobId>(Job job)> submit;
    // Runs a batch, not empty, on a worker, and says once it has `computed`: another one may run
    // while this one answers its callers, unless their order is to be kept. REQUIRES: does not
    // throw.
    std::function<void(Batch batch, const std::function<void()>& computed)> run;
    size_t max_waiting = 1024;  // beside the limits of the rules
    // Hears of every change of waiting(), as it happens; quick, and calls nothing of the batcher's.
    // May be null.
    std::function<void(int more)> count_waiting = nullptr;
  };

  explicit Batcher(Options options);
  // Drops what waits (UNAVAILABLE), and waits for what runs.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // Queues `entry`, whose `arrived` is set here. A status other than OK means that its item is gone
  // and was not dropped: RESOURCE_EXHAUSTED (a limit of what may wait, named), DEADLINE_EXCEEDED
  // (its deadline has passed), UNAVAILABLE (shutting down).
  absl::StatusOr<JobId> Submit(BatchEntry entry);

  // Drops the item with `reason`, on this thread, if it still waits; returns whether it did.
  bool Cancel(JobId id, const absl::Status& reason);

  size_t waiting() const;

 private:
  absl::Status Refusal(const BatchEntry& entry, Deadline now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountWaiting(int more) const;
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Offer(Deadline now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RunTurn();
  void DropTurn(const absl::Status& reason);
  void RunNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack();
  bool PassOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::vector<BatchEntry> TakeNext(Deadline now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropAll(const absl::Status& reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(std::vector<BatchEntry> entries, const absl::Status& reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropExpired(Deadline now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Deadline NextEvent(Deadline now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartTimerFor(const BatchEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WatchTime(Deadline now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TimerLoop();

  const Options options_;
  mutable Mutex mutex_;
  CondVar timer_;     // something will happen earlier than timer_wakes_at_
  CondVar progress_;  // a turn has ended; only the destructor listens
  BatchQueue queue_ ABSL_GUARDED_BY(mutex_);
  JobId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  bool is_offered_ ABSL_GUARDED_BY(mutex_) = false;  // a turn waits in the executor
  int turns_ ABSL_GUARDED_BY(mutex_) = 0;            // on workers
  int running_ ABSL_GUARDED_BY(mutex_) = 0;          // batches that compute
  Deadline timer_wakes_at_ ABSL_GUARDED_BY(mutex_) = Deadline::max();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);  // the timer's, if a request needs it
};

}  // namespace normbench
