// SPDX-License-Identifier: Apache-2.0
// A condition variable for absl::Mutex with deadlines on the steady clock. absl::CondVar turns
// every timeout into a time of day: when somebody sets the clock back by an hour, it waits an hour
// longer.
#pragma once

#include <chrono>
#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace normbench {

// Thread-safe. Wakes up spuriously at times, as all of them do: wait in a loop.
class SteadyCondVar {
 public:
  // Waits for a notification. REQUIRES: the caller holds `mutex`; it is free in the meantime.
  void Wait(absl::Mutex* mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    Lockable lockable{mutex};
    condition_.wait(lockable);
  }

  // Waits for a notification until `deadline`; Deadline::max() is none.
  void WaitUntil(absl::Mutex* mutex, std::chrono::steady_clock::time_point deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (deadline == std::chrono::steady_clock::time_point::max()) return Wait(mutex);
    Lockable lockable{mutex};
    condition_.wait_until(lockable, deadline);
  }

  void NotifyAll() { condition_.notify_all(); }

 private:
  // The spelling that the standard library expects of a lock.
  struct Lockable {
    void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Lock(); }
    void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex->Unlock(); }
    absl::Mutex* mutex;
  };

  std::condition_variable_any condition_;
};

}  // namespace normbench
