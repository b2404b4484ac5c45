// SPDX-License-Identifier: Apache-2.0
// A fault on purpose: all workers stand still once, so that a test can see what a client makes of
// it. The clock starts with the first piece of work, so a test need not know how long a start
// takes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/exec/job.h"

namespace normbench {

// Pure but for the first call. Thread-safe.
class StallOnce {
 public:
  // Stands still for `length` seconds, beginning `after` seconds after the first piece of work.
  StallOnce(double length, double after);

  // When work may begin that would begin at `now`: then, or at the end of the stall.
  Deadline HoldUntil(Deadline now);

 private:
  const std::chrono::nanoseconds begin_, end_;  // since the first piece of work
  std::atomic<int64_t> first_{0};               // nanoseconds of the steady clock; 0: no work yet
};

}  // namespace normbench
