// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/parallel_calls.h"

#include <utility>

#include "server/kernels/native/spin.h"

namespace normbench {

// It is never held for long, and sleeping costs more than any of what it guards.
std::unique_lock<std::mutex> ParallelCalls::Lock() {
  std::unique_lock<std::mutex> lock(mutex_, std::defer_lock);
  if (!SpinUntil([&] { return lock.try_lock(); })) lock.lock();
  return lock;
}

void ParallelCalls::Add(ParallelCall* call) {
  const auto lock = Lock();
  call->older = std::exchange(newest_, call);
  ++count_;
}

void ParallelCalls::Remove(ParallelCall* call) {
  const auto lock = Lock();
  ParallelCall** link = &newest_;
  while (*link != call) link = &(*link)->older;
  *link = call->older;
  --count_;
}

std::optional<ParallelCalls::Share> ParallelCalls::Join() {
  if (empty()) return std::nullopt;
  const auto lock = Lock();
  while (ParallelCall* call = LoneliestOpen()) {
    const int64_t task = call->next++;
    if (task >= call->tasks) continue;  // those at work were faster
    int slot = 1;
    while (call->slots[slot]) ++slot;
    call->slots.set(slot);
    ++call->helpers;
    return Share{call, slot, task};
  }
  return std::nullopt;
}

bool ParallelCalls::AnyOpen() {
  const auto lock = Lock();
  return LoneliestOpen() != nullptr;
}

void ParallelCalls::GiveBack(const Share& share) {
  const auto lock = Lock();
  share.call->slots.reset(share.slot);
}

// REQUIRES: the mutex is held.
ParallelCall* ParallelCalls::LoneliestOpen() {
  ParallelCall* best = nullptr;
  size_t fewest = ParallelCall::kMostThreads;
  for (ParallelCall* call = newest_; call != nullptr; call = call->older) {
    const size_t threads = call->slots.count();
    const bool open = call->next < call->tasks && static_cast<int>(threads) < call->max_threads;
    if (!open || threads >= fewest) continue;
    best = call;
    fewest = threads;
  }
  return best;
}

}  // namespace normbench
