// SPDX-License-Identifier: Apache-2.0
// What the executor tests share: jobs that say how they ended and that can be held at any point, so
// that every interleaving is forced instead of hoped for.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "server/exec/executor.h"

namespace normbench {

using std::chrono::milliseconds;

inline Deadline In(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// For conditions that only a query shows; everything else uses notifications.
inline void WaitUntil(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::yield();
}

// Follows one job. Held: its run (or drop) notes that it began and waits for Release().
class Probe {
 public:
  Job MakeJob() {
    Job job;
    job.run = [this] { ++runs_, ended_.Notify(); };
    job.drop = [this](const absl::Status& reason) { Dropped(reason), ended_.Notify(); };
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

  void AwaitBegun() { begun_.WaitForNotification(); }
  void Release() { release_.Notify(); }
  void AwaitEnded() { ended_.WaitForNotification(); }

  bool ended() const { return ended_.HasBeenNotified(); }
  int runs() const { return runs_; }
  int drops() const { return drops_; }
  // Why it was dropped. REQUIRES: it has ended or is held in drop.
  absl::Status reason() const { return reason_; }

 private:
  void Dropped(const absl::Status& reason) {
    reason_ = reason;
    ++drops_;
  }
  void Hold() {
    begun_.Notify();
    release_.WaitForNotification();
    ended_.Notify();
  }

  std::atomic<int> runs_{0};
  std::atomic<int> drops_{0};
  absl::Status reason_;
  absl::Notification begun_;
  absl::Notification release_;
  absl::Notification ended_;
};

inline ExecutorOptions Workers(int count) {
  ExecutorOptions options;
  options.workers = count;
  return options;
}

}  // namespace normbench
