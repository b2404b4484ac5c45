// SPDX-License-Identifier: Apache-2.0
#include "server/termination.h"

#include <pthread.h>

#include <csignal>

namespace normbench {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void SetMask(int how) {
  const sigset_t signals = StopSignals();
  pthread_sigmask(how, &signals, nullptr);
}

}  // namespace

void BlockStopSignals() {
  SetMask(SIG_BLOCK);
}

StopSignalsActAtOnce::StopSignalsActAtOnce()
    : thread_([this] {
        SetMask(SIG_UNBLOCK);
        done_.wait();
      }) {}

StopSignalsActAtOnce::~StopSignalsActAtOnce() {
  done_.count_down();
  thread_.join();
}

int WaitForStopSignal() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  SetMask(SIG_UNBLOCK);
  return signal;
}

}  // namespace normbench
