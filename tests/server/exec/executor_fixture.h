// SPDX-License-Identifier: Apache-2.0
// What the executor tests share: jobs that say how they ended and that can be held at any point, so
// that every interleaving is forced instead of hoped for.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/exec/executor.h"
#include "server/exec/mutex.h"

namespace normbench {

using std::chrono::milliseconds;

inline Deadline In(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// For conditions that only a query shows; everything else uses notifications.
inline void WaitUntil(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

// Follows one job. Declare it before the executor, which may touch it until it has shut down. Held:
// its run (or drop) notes that it began and waits for Release().
class Probe {
 public:
  Job MakeJob() {
    Job job;
    job.run = [this] { ++runs_, ended_.count_down(); };
    job.drop = [this](const absl::Status& reason) { Dropped(reason), ended_.count_down(); };
    return job;
  }

  Job MakeJobHeldInRun() {
    Job job = MakeJob();
    job.run = [this] {
      ++runs_;
      Hold();
    };
    return job;
  }

  Job MakeJobHeldInDrop() {
    Job job = MakeJob();
    job.drop = [this](const absl::Status& reason) {
      Dropped(reason);
      Hold();
    };
    return job;
  }

  void AwaitBegun() { begun_.wait(); }
  void Release() {
    MutexLock lock(&mutex_);
    released_ = true;
    release_.NotifyAll();
  }
  void AwaitEnded() { ended_.wait(); }

  bool ended() const { return ended_.try_wait(); }
  int runs() const { return runs_; }
  int drops() const { return drops_; }
  // Why it was dropped. REQUIRES: it has ended or is held in drop.
  absl::StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  void Dropped(const absl::Status& reason) {
    code_ = reason.code();
    message_ = std::string(reason.message());
    ++drops_;
  }
  void Hold() {
    begun_.count_down();
    AwaitRelease();
    ended_.count_down();
  }

  // Not for ever: a test that gives up before its Release is to fail, not to hang.
  void AwaitRelease() {
    const Deadline limit = In(milliseconds(60000));
    MutexLock lock(&mutex_);
    while (!released_ && std::chrono::steady_clock::now() < limit) {
      release_.WaitUntil(&mutex_, limit);
    }
  }

  std::atomic<int> runs_{0};
  std::atomic<int> drops_{0};
  absl::StatusCode code_ = absl::StatusCode::kOk;
  std::string message_;
  // Not absl::Notification: the thread sanitizer cannot see into the packaged one.
  std::latch begun_{1};
  std::latch ended_{1};
  Mutex mutex_;
  CondVar release_;
  bool released_ ABSL_GUARDED_BY(mutex_) = false;
};

inline ExecutorOptions Workers(int count) {
  ExecutorOptions options;
  options.workers = count;
  return options;
}

}  // namespace normbench
