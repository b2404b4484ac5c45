// SPDX-License-Identifier: Apache-2.0
// A clock that goes on by a microsecond whenever it is read.
#pragma once

#include <atomic>

#include "server/faults/faults.h"

namespace normbench {

// Outlives its readers. Thread-safe.
class CountedClock {
 public:
  Faults::ReadClock Reader() {
    return [this] { return Faults::Clock::time_point(std::chrono::microseconds(++reads_)); };
  }
  int reads() const { return reads_; }

 private:
  std::atomic<int> reads_{0};
};

}  // namespace normbench
