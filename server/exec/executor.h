// SPDX-License-Identifier: Apache-2.0
// A bounded queue of callables, a fixed number of workers and a timer. Every submitted job ends in
// exactly one call: run on a worker, or drop with the reason (deadline, cancel, shutdown). That one
// promise is what the RPC layer builds Finish-exactly-once on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/exec/job.h"

namespace normbench {

struct ExecutorOptions {
  int workers = 1;                // at least 1
  int max_queued = 1024;          // jobs that wait, the exclusive ones not counted; at least 1
  int max_queued_exclusive = 16;  // at least 1
  // Runs once on each worker thread before its first job: device and thread settings.
  std::function<void()> worker_init;
  // When work may begin that would begin at `now`, for faults on purpose; null: then. Called on the
  // threads that work; thread-safe.
  std::function<Deadline(Deadline now)> hold_until = nullptr;
};

// Thread-safe. The functions of a job may call everything but Shutdown.
class Executor {
 public:
  explicit Executor(ExecutorOptions options);
  ~Executor();  // Shutdown() with no grace
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues `job`. A status other than OK means that neither run nor drop will be called:
  // RESOURCE_EXHAUSTED (queue full), DEADLINE_EXCEEDED (the deadline has passed, or the estimated
  // wait, cost of what waits and rest of what runs / workers, is longer than what is left),
  // UNAVAILABLE (shutting down).
  absl::StatusOr<JobId> Submit(Job job);

  // Drops the job with `reason`, on this thread, if it is still queued; returns whether it was.
  bool Cancel(JobId id, const absl::Status& reason);

  // True if a job submitted now would start at once and nothing exclusive runs or waits or holds
  // it. Holds the place of one worker until EndInline: short work may then run on the calling
  // thread. Every true must be followed by one EndInline; Shutdown waits for it.
  bool TryBeginInline();
  void EndInline();

  // Jobs before `id` in the queue; -1 if it is not queued.
  int PositionOf(JobId id) const;

  int queued() const;
  int running() const;  // inline ones included
  // What a job submitted now would wait: estimates of what waits and of the rest of what runs, an
  // exclusive job once for each worker, divided by the workers.
  double wait_seconds() const;

  // Refuses new jobs, lets queued and running ones finish until `grace` has passed, then drops what
  // is queued (UNAVAILABLE) and waits for what runs. When it returns, every job has ended and its
  // callables are destroyed. Idempotent. REQUIRES: not called by a job or inline work.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normbench
