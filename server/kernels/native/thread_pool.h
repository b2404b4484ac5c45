// SPDX-License-Identifier: Apache-2.0
// Threads that help a caller through a loop of independent tasks. Several callers may use one pool
// at once: a helper joins only while callers and helpers together are fewer than the pool's
// threads, and leaves after its task when another caller comes, so the machine is oversubscribed
// for no longer than a task takes, and a caller never waits for a helper to start.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"

namespace normbench {

// Thread-safe.
class ThreadPool {
 public:
  // `threads` counts callers too: threads - 1 helpers are started. REQUIRES: threads >= 1.
  explicit ThreadPool(int threads);
  // REQUIRES: no ParallelFor is running.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Calls work(slot, task) once for each task in [0, tasks), the caller's thread included, and
  // returns when all calls have returned; what they wrote is visible then. At most `max_threads`
  // threads take part at a time. Slots are in [0, max_threads); the caller has 0, and no two
  // threads have the same one at a time: a helper that makes room for another caller leaves its
  // slot, and what it wrote, to the next. Tasks are taken in ascending order. Allocates nothing.
  // REQUIRES: max_threads >= 1; work does not throw and does not call ParallelFor.
  void ParallelFor(int64_t tasks, int max_threads,
                   absl::FunctionRef<void(int slot, int64_t task)> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normbench
