// SPDX-License-Identifier: Apache-2.0
// Faults on purpose, shared by everything that computes: a piece of work, a normalization or a
// batch of a model, is followed by busy work in proportion to the time that it took itself. A sleep
// would be no such fault: below the timer's slack it does nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "server/faults/fault_options.h"
#include "server/faults/idle_burner.h"

namespace normbench {

// Whether the piece of work of this number, counted from 0, is one of the slow hundredth. No period
// that a load could fall into step with, and the same in every process.
bool IsInTail(uint64_t piece);

// Thread-safe.
class Faults {
 public:
  using Clock = std::chrono::steady_clock;
  using ReadClock = std::function<Clock::time_point()>;

  // Returns FAILED_PRECONDITION where the system refuses what --fault-cpu needs. REQUIRES:
  // Validate(options, true).ok(); `read_clock` is thread-safe.
  static absl::StatusOr<std::shared_ptr<Faults>> Create(const FaultOptions& options,
                                                        ReadClock read_clock = Clock::now);

  Clock::time_point Now() const { return read_clock_(); }

  // To be called after a piece of work that took `took`: spins for the share of that that was asked
  // for, and returns for how long.
  Clock::duration After(Clock::duration took);

  // How wrong answers are to be; 0: not.
  double numeric() const { return options_.numeric; }

 private:
  Faults(const FaultOptions& options, ReadClock read_clock, std::unique_ptr<IdleBurner> burner);

  Clock::duration Spin(Clock::duration length) const;

  const FaultOptions options_;
  const ReadClock read_clock_;
  const std::unique_ptr<IdleBurner> burner_;  // null: no CPU time is burned
  std::atomic<uint64_t> pieces_{0};
};

}  // namespace normbench
