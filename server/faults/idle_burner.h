// SPDX-License-Identifier: Apache-2.0
// A thread that costs CPU time and, as far as the scheduler can help it, nobody's latency: it runs
// at idle priority, where nothing else wants the core. Best effort: while all cores are busy next
// to nothing is burned, and a core that was idle warms the chip and shares its caches.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "server/exec/mutex.h"

namespace normbench {

// CPU time that the calling thread has had.
std::chrono::nanoseconds ThreadCpuTime();

struct IdleBurnerOptions {
  // What is owed beyond that is forgotten: a burst must not be burned long after it.
  std::chrono::nanoseconds max_debt = std::chrono::seconds(1);
  std::function<std::chrono::nanoseconds()> cpu_time = ThreadCpuTime;  // of the calling thread
};

// Thread-safe.
class IdleBurner {
 public:
  // Returns FAILED_PRECONDITION where the system refuses the priority.
  static absl::StatusOr<std::unique_ptr<IdleBurner>> Start(IdleBurnerOptions options = {});
  ~IdleBurner();  // what is owed is forgotten
  IdleBurner(const IdleBurner&) = delete;
  IdleBurner& operator=(const IdleBurner&) = delete;

  // Adds to what is to be burned. Takes no lock, which the thread might hold without a core to run
  // on, and wakes nobody: that would be latency.
  void Owe(std::chrono::nanoseconds time);

  std::chrono::nanoseconds debt() const { return std::chrono::nanoseconds(debt_.load()); }

 private:
  explicit IdleBurner(IdleBurnerOptions options);

  void Work();
  bool BurnSome();
  bool IsStopping(std::chrono::nanoseconds pause) ABSL_LOCKS_EXCLUDED(mutex_);

  const IdleBurnerOptions options_;
  std::atomic<int64_t> debt_{0};  // nanoseconds
  Mutex mutex_;                   // of the thread and the destructor only
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace normbench
