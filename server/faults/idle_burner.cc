// SPDX-License-Identifier: Apache-2.0
#include "server/faults/idle_burner.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

using std::chrono::nanoseconds;

// How often the thread looks while nothing is owed, and how long it burns between two looks at
// whether it is to end.
constexpr nanoseconds kPause = std::chrono::milliseconds(10);
constexpr nanoseconds kSlice = std::chrono::microseconds(100);

}  // namespace

nanoseconds ThreadCpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

absl::StatusOr<std::unique_ptr<IdleBurner>> IdleBurner::Start(IdleBurnerOptions options) {
  std::unique_ptr<IdleBurner> burner(new IdleBurner(std::move(options)));
  const sched_param none = {};
  const int error = pthread_setschedparam(burner->thread_.native_handle(), SCHED_IDLE, &none);
  if (error == 0) return burner;
  return absl::FailedPreconditionError(
      absl::StrCat("the system refuses a thread of idle priority: ", std::strerror(error)));
}

IdleBurner::IdleBurner(IdleBurnerOptions options)
    : options_(std::move(options)), thread_([this] { Work(); }) {}

IdleBurner::~IdleBurner() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
  }
  stop_.NotifyAll();
  thread_.join();
}

void IdleBurner::Owe(nanoseconds time) {
  int64_t before = debt_.load();
  int64_t after = 0;
  do {
    after = std::min(before + time.count(), options_.max_debt.count());
  } while (!debt_.compare_exchange_weak(before, after));
}

void IdleBurner::Work() {
  while (!IsStopping(BurnSome() ? nanoseconds(0) : kPause)) {
  }
}

// Returns whether anything was owed.
bool IdleBurner::BurnSome() {
  const nanoseconds some = std::min(debt(), kSlice);
  if (some.count() == 0) return false;
  const nanoseconds end = options_.cpu_time() + some;
  while (options_.cpu_time() < end) {
  }
  debt_ -= some.count();  // others only add
  return true;
}

// Says no after `pause`.
bool IdleBurner::IsStopping(nanoseconds pause) {
  const MutexLock lock(&mutex_);
  if (!stopping_ && pause.count() > 0) {
    stop_.WaitUntil(&mutex_, std::chrono::steady_clock::now() + pause);
  }
  return stopping_;
}

}  // namespace normbench
