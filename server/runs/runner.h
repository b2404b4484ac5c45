// SPDX-License-Identifier: Apache-2.0
// Executes the runs that wait in the history, one at a time, in their order: a run has the device
// for itself.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/history/history.h"
#include "server/metrics/metrics.h"
#include "server/runs/board.h"
#include "server/runs/execution.h"

namespace normbench {

// What a runner does beside runs.
struct RunnerChores {
  // On the runner's thread: when a run has ended and is kept ...
  std::function<void()> tidy;
  absl::Duration every = absl::Hours(1);  // ... and so often while none is to be executed
};

// Thread-safe.
class Runner {
 public:
  // All outlive it.
  Runner(History& history, RunBoard& board, ServerMetrics& metrics, RunnerChores chores)
      : history_(history), board_(board), metrics_(metrics), chores_(std::move(chores)) {}
  ~Runner() { Stop(); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Begins to execute. Call once.
  void Start(RunHost host);

  // A run was queued.
  void Wake();

  // Ends the run: at once if it waits, soon if it is under way. One that has ended stays as it is.
  // Returns it as it is now.
  absl::StatusOr<v1::Run> Cancel(const std::string& run_id);

  // Ends the run under way as interrupted and waits until that is kept, if it can be; those that
  // wait go on waiting. Idempotent.
  void Stop();

 private:
  void Loop();
  void Recover();
  // Nothing: none has come for a while, or the runner stops.
  std::optional<v1::Run> Next();
  absl::StatusOr<std::optional<v1::Run>> TakeQueued() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Execute(v1::Run run, const RunStop& stop);
  void Keep(const EndedRun& ended);
  void Pause();
  void TellQueue();

  History& history_;
  RunBoard& board_;
  ServerMetrics& metrics_;
  const RunnerChores chores_;
  RunHost host_;

  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::string current_ ABSL_GUARDED_BY(mutex_);  // under way; empty: none
  std::atomic<bool> cancelled_{false};           // the one under way
  std::atomic<bool> stopping_{false};
  absl::Mutex telling_mutex_;  // what was counted last is told last
  std::thread thread_;         // of Start and Stop
};

}  // namespace normbench
