// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/thread_pool.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "server/kernels/native/parallel_calls.h"
#include "server/kernels/native/spin.h"

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// Helpers sleep or are awake, and are awake only while there is room: one that merely spins would
// take a core from somebody, too. All operations on the atomics are sequentially consistent: most
// of them rely on "I write, then look at yours; you write, then look at mine".
struct ThreadPool::State {
  explicit State(int threads) : threads(threads) {}

  void Announce();
  bool WantsHelper() const { return idle == 0 && awake < threads; }
  void Share(ParallelCall* call);
  void AwaitHelpers(const ParallelCall& call);

  void HelperLoop();
  bool TryBeAwake();
  bool MakeRoom();
  void Help(uint32_t* seen);
  bool AwaitNews(uint32_t seen, Clock::time_point bedtime);
  bool RunTasks(const ParallelCalls::Share& share);
  void WakeMore();
  void Part(ParallelCall* call);

  const int threads;
  std::vector<std::thread> helpers;
  ParallelCalls calls;

  // Changes whenever a helper may find something that it did not find before.
  alignas(64) std::atomic<uint32_t> news{0};
  alignas(64) std::atomic<int> awake{0};  // callers and helpers
  std::atomic<int> idle{0};               // helpers that are awake without a task
  std::atomic<int> sleeping_callers{0};
  std::atomic<uint32_t> partings{0};  // of the last helpers of calls, while a caller sleeps
  std::atomic<bool> stopping{false};
};

// An idle helper sees the news by itself, and wakes others if there is more than it can take.
void ThreadPool::State::Announce() {
  ++news;
  if (WantsHelper()) news.notify_one();
}

void ThreadPool::State::Share(ParallelCall* call) {
  calls.Add(call);
  Announce();
  for (int64_t task = call->next++; task < call->tasks; task = call->next++) call->work(0, task);
  calls.Remove(call);
  AwaitHelpers(*call);
}

// Sleeping leaves the core to a helper that lost its own.
void ThreadPool::State::AwaitHelpers(const ParallelCall& call) {
  if (SpinUntil([&] { return call.helpers == 0; })) return;
  ++sleeping_callers;
  for (uint32_t seen = partings; call.helpers > 0; seen = partings) partings.wait(seen);
  --sleeping_callers;
}

void ThreadPool::State::HelperLoop() {
  uint32_t seen = 0;
  while (!stopping) {
    news.wait(seen);
    seen = news;
    if (TryBeAwake()) Help(&seen);
  }
}

bool ThreadPool::State::TryBeAwake() {
  for (int now = awake; now < threads;) {
    if (!awake.compare_exchange_weak(now, now + 1)) continue;
    ++idle;
    return true;
  }
  return false;
}

// If there are too many, the helper that calls it no longer counts as awake, and it returns true.
bool ThreadPool::State::MakeRoom() {
  for (int now = awake; now > threads;) {
    if (awake.compare_exchange_weak(now, now - 1)) return true;
  }
  return false;
}

// REQUIRES: TryBeAwake() was true. Returns when it is time to sleep, with the news it last acted
// on.
void ThreadPool::State::Help(uint32_t* seen) {
  auto bedtime = Clock::now() + kSpinTime;
  while (true) {
    *seen = news;  // before it looks: what comes in between is news again
    if (const std::optional<ParallelCalls::Share> share = calls.Join()) {
      if (!RunTasks(*share)) return;
      bedtime = Clock::now() + kSpinTime;
    } else if (!AwaitNews(*seen, bedtime)) {
      return;
    }
  }
}

// False if none came until `bedtime`, or a caller came: the helper no longer counts as awake.
bool ThreadPool::State::AwaitNews(uint32_t seen, Clock::time_point bedtime) {
  while (news == seen) {
    const bool made_room = MakeRoom();
    if (made_room || Clock::now() >= bedtime) {
      --idle;
      if (!made_room) --awake;
      return false;
    }
    _mm_pause();
  }
  return true;
}

// True when no task is left; false if a caller came: the helper no longer counts as awake.
bool ThreadPool::State::RunTasks(const ParallelCalls::Share& share) {
  ParallelCall* const call = share.call;
  --idle;
  WakeMore();
  for (int64_t task = share.first_task; task < call->tasks; task = call->next++) {
    call->work(share.slot, task);
    if (!MakeRoom()) continue;
    calls.GiveBack(share);
    Part(call);
    ++news;  // for an idle helper: the slot
    return false;
  }
  Part(call);
  ++idle;
  return true;
}

// Two, each of which wakes two: the last of many comes soon, and no caller has to wake them all.
void ThreadPool::State::WakeMore() {
  for (int i = 0; i < 2; ++i) {
    if (WantsHelper() && calls.AnyOpen()) news.notify_one();
  }
}

// The call may be gone when it returns.
void ThreadPool::State::Part(ParallelCall* call) {
  if (--call->helpers > 0 || sleeping_callers == 0) return;
  ++partings;
  partings.notify_all();
}

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>(threads)) {
  for (int i = 1; i < threads; ++i) {
    state_->helpers.emplace_back([state = state_.get()] { state->HelperLoop(); });
  }
}

ThreadPool::~ThreadPool() {
  state_->stopping = true;
  ++state_->news;
  state_->news.notify_all();
  for (std::thread& helper : state_->helpers) helper.join();
}

int ThreadPool::threads() const {
  return state_->threads;
}

void ThreadPool::ParallelFor(int64_t tasks, int max_threads,
                             absl::FunctionRef<void(int slot, int64_t task)> work) {
  State& state = *state_;
  ++state.awake;
  max_threads = std::min({max_threads, state.threads, ParallelCall::kMostThreads});
  if (tasks <= 1 || max_threads == 1) {
    for (int64_t task = 0; task < tasks; ++task) work(0, task);
  } else {
    ParallelCall call = {.work = work, .tasks = tasks, .max_threads = max_threads};
    state.Share(&call);
  }
  --state.awake;
  if (!state.calls.empty()) state.Announce();  // there is room again
}

}  // namespace normbench
