// SPDX-License-Identifier: Apache-2.0
// A fault on purpose: all workers stand still once, so that a test can see what a client makes of
// it. The clock starts with a piece of work, so a test need not know how long a start takes, and so
// does the stall: there is always one that sees all of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/exec/job.h"

namespace normbench {

// Reads no clock. Thread-safe.
class StallOnce {
 public:
  // Stands still for `length` seconds, beginning with the first piece of work that comes `after`
  // seconds or more after the very first.
  StallOnce(double length, double after);

  // When work may begin that would begin at `now`: then, or at the end of the stall.
  Deadline HoldUntil(Deadline now);

 private:
  const std::chrono::nanoseconds length_, after_;
  // Nanoseconds of the steady clock; 0: not yet.
  std::atomic<int64_t> first_{0}, begin_{0};
};

}  // namespace normbench
