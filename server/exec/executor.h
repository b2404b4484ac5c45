// SPDX-License-Identifier: Apache-2.0
// A bounded queue of callables, a fixed number of workers and a timer. Every submitted job ends in
// exactly one call: run on a worker, or drop with the reason (deadline, cancel, shutdown). That one
// promise is what the RPC layer builds Finish-exactly-once on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

using JobId = uint64_t;
using Deadline = std::chrono::steady_clock::time_point;

struct Job {
  // On a worker thread. REQUIRES: does not throw.
  std::function<void()> run;
  // On the thread that found out: the timer's, the canceller's or the one that shuts down. Must not block.
  std::function<void(const absl::Status&)> drop;
  Deadline deadline = Deadline::max();  // queued work is dropped when it passes, not later
  double cost_seconds = 0;              // estimate; see ExecutorOptions
  // Runs alone: starts when every earlier job has ended; no later job starts before it ends.
  bool exclusive = false;
};

struct ExecutorOptions {
  int workers = 1;
  int max_queued = 1024;
  int max_queued_exclusive = 16;
  // Runs once on each worker thread before its first job: device and thread settings.
  std::function<void()> worker_init;
};

// Thread-safe.
class Executor {
 public:
  explicit Executor(ExecutorOptions options);
  ~Executor();  // Shutdown() with no grace
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues `job`. A status other than OK means that neither run nor drop will be called:
  // RESOURCE_EXHAUSTED (queue full), DEADLINE_EXCEEDED (the deadline has passed, or the estimated wait
  // is longer than what is left), UNAVAILABLE (shutting down).
  absl::StatusOr<JobId> Submit(Job job);

  // Drops the job with `reason` if it is still queued; returns whether it was.
  bool Cancel(JobId id, const absl::Status& reason);

  // True if a job submitted now would start at once and nothing exclusive runs or waits. Holds the
  // place of one worker until EndInline: short work may then run on the calling thread.
  bool TryBeginInline();
  void EndInline();

  // Jobs before `id` in the queue; -1 if it is not queued.
  int PositionOf(JobId id) const;

  int queued() const;
  int running() const;
  double queued_seconds() const;  // estimated work waiting

  // Refuses new jobs, lets queued and running ones finish until `grace` has passed, then drops what is
  // queued (UNAVAILABLE) and waits for what runs. Idempotent.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normbench
