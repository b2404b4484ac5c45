// SPDX-License-Identifier: Apache-2.0
// The calls of ParallelFor that run in one pool, and which helper has which slot in which of them.
// A call is open while it has a task that nobody took and fewer threads than it may have.
#pragma once

#include <atomic>
#include <bitset>
#include <cstdint>
#include <mutex>
#include <optional>

#include "absl/functional/function_ref.h"

namespace normbench {

// On the stack of its caller.
struct ParallelCall {
  // More are not worth their while: far fewer fill the memory bandwidth of any machine.
  static constexpr int kMostThreads = 256;

  const absl::FunctionRef<void(int slot, int64_t task)> work;
  const int64_t tasks;
  const int max_threads;  // in [1, kMostThreads]
  // Of ParallelCalls, which guards them.
  ParallelCall* older = nullptr;
  std::bitset<kMostThreads> slots{1};  // in use; the caller has 0
  // The first task that nobody took; each thread that takes one adds 1, even if none is left.
  alignas(64) std::atomic<int64_t> next{0};
  // At work. Once none is and the call is no longer listed, it may be gone.
  std::atomic<int> helpers{0};
};

// Thread-safe; allocates nothing.
class ParallelCalls {
 public:
  // What a helper takes on.
  struct Share {
    ParallelCall* call;
    int slot;
    int64_t first_task;
  };

  void Add(ParallelCall* call);
  // Nobody joins it any more; helpers may still be at work.
  void Remove(ParallelCall* call);
  bool empty() const { return count_ == 0; }

  // Joins the open call with the fewest threads and takes a task of it at once, so that a caller
  // never waits for a helper that came and did nothing.
  std::optional<Share> Join();
  bool AnyOpen();
  // For a helper that stops before all tasks are taken: another may have its slot.
  void GiveBack(const Share& share);

 private:
  std::unique_lock<std::mutex> Lock();
  ParallelCall* LoneliestOpen();

  std::mutex mutex_;
  ParallelCall* newest_ =
      nullptr;  // guarded by mutex_, as are the private parts of all that follow
  std::atomic<int> count_{0};
};

}  // namespace normbench
