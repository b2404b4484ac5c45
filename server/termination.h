// SPDX-License-Identifier: Apache-2.0
// SIGTERM and SIGINT: they end the process while it starts, make it drain while it serves, and end
// it again while it drains. They are blocked in every thread, so that only who waits for them, or
// lets them act, gets them.
#pragma once

#include <latch>
#include <thread>

namespace normbench {

// Call in main before any thread exists: all inherit it.
void BlockStopSignals();

// While it lives the signals end the process, as if nobody had blocked them. By a thread that does
// not block them: the threads made by others meanwhile do. REQUIRES: BlockStopSignals() was called.
class StopSignalsActAtOnce {
 public:
  StopSignalsActAtOnce();
  ~StopSignalsActAtOnce();

 private:
  std::latch done_{1};
  std::thread thread_;
};

// Returns the first signal when it comes; the next one ends the process. REQUIRES: as above.
int WaitForStopSignal();

}  // namespace normbench
