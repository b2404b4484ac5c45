// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace normbench {
namespace {

sigset_t Both() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = Both();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool StopSignals::Wait(std::chrono::milliseconds time) const {
  const sigset_t set = Both();
  const timespec limit = {.tv_sec = time.count() / 1000,
                          .tv_nsec = time.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &limit) > 0;
}

}  // namespace normbench
