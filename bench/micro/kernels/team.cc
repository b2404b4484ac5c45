// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/team.h"

#include <chrono>

namespace normbench {
namespace {

// Long enough for the next call of a timed loop, short enough not to disturb the next contender.
constexpr std::chrono::microseconds kSpin(50);

// Spins until done() says so, at most kSpin; returns whether it did.
template <typename Done>
bool SpinUntil(const Done& done) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    if (done()) return true;
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

Team::Team(int members) {
  for (int member = 1; member < members; ++member) {
    threads_.emplace_back([this, member] { Help(member); });
  }
}

Team::~Team() {
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Team::Run(absl::FunctionRef<void(int member)> work) {
  if (threads_.empty()) return work(0);
  work_ = &work;
  busy_.store(static_cast<int>(threads_.size()), std::memory_order_relaxed);
  round_.fetch_add(2, std::memory_order_release);
  round_.notify_all();
  work(0);
  const auto done = [this] { return busy_.load(std::memory_order_acquire) == 0; };
  while (!SpinUntil(done)) std::this_thread::yield();  // a member may wait for this very CPU
}

void Team::Help(int member) {
  uint64_t seen = 0;
  for (;;) {
    const auto changed = [&] { return round_.load(std::memory_order_acquire) != seen; };
    if (!SpinUntil(changed)) round_.wait(seen, std::memory_order_acquire);
    seen = round_.load(std::memory_order_acquire);
    if (seen % 2 == 1) return;
    (*work_)(member);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace normbench
