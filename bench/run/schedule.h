// SPDX-License-Identifier: Apache-2.0
// The schedule of an open loop from the words of its case; traces are read from their files.
#pragma once

#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/arrivals.h"
#include "bench/report/case.h"

namespace normbench {

struct Schedule {
  std::unique_ptr<Arrivals> arrivals;
  double seconds = 0;  // of measuring: those of the case, or until the last time of a trace
};

// For warm-up and measuring of `c`, with the seed of its arrivals; of a trace, what lies within
// them. `maximum`: what shares are of, in requests a second. Returns NOT_FOUND or INVALID_ARGUMENT
// for a trace, naming the file and the line, or the window in which it has no time. REQUIRES: c is
// an open loop.
absl::StatusOr<Schedule> ScheduleOf(const Case& c, double maximum);

// What is wrong with the trace of any case, before anything is measured.
absl::Status CheckTraces(std::span<const Case> cases);

}  // namespace normbench
