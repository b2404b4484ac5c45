// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM as something to wait for, without a signal handler.
#pragma once

#include <chrono>

namespace normbench {

// Blocks both signals in the calling thread and in every thread it starts later: construct first in
// main.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns true as soon as one of them came, false after `time`.
  bool Wait(std::chrono::milliseconds time) const;
};

}  // namespace normbench
