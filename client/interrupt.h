// SPDX-License-Identifier: Apache-2.0
// Ctrl-C as a question instead of an event: the signals wait in a file descriptor until somebody
// asks. No handler, no thread. After the first one the signals work as usual, so a second Ctrl-C
// kills.
#pragma once

#include <atomic>

namespace normbench {

// Construct in main before any thread exists: threads inherit the mask. One at a time.
class Interrupt {
 public:
  // Takes SIGINT and SIGTERM over.
  Interrupt();
  // Restores the signal mask of before.
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // True from the first signal on. Does not block. Thread-safe.
  bool requested();

 private:
  int descriptor_ = -1;
  std::atomic<bool> requested_ = false;
};

}  // namespace normbench
