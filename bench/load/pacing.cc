// SPDX-License-Identifier: Apache-2.0
#include "bench/load/pacing.h"

#include <sys/prctl.h>

#include <cerrno>
#include <ctime>

namespace normbench {

void UseExactTimers() {
  prctl(PR_SET_TIMERSLACK, 1UL);
}

// The steady clock of the standard library is CLOCK_MONOTONIC.
void SleepUntil(Clock::time_point time) {
  using std::chrono::nanoseconds;
  const auto since = std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
  const timespec until = {.tv_sec = since / 1'000'000'000, .tv_nsec = since % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

double SteadySeconds() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

double ThreadCpuSeconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

}  // namespace normbench
