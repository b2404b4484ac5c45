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

// For warm-up and measuring of `c`, with the seed of its arrivals; of a trace, what lies within
// them. `maximum`: what shares are of, in requests a second. Returns NOT_FOUND or INVALID_ARGUMENT
// for a trace, naming the file and the line. REQUIRES: c is an open loop.
absl::StatusOr<std::unique_ptr<Arrivals>> ScheduleOf(const Case& c, double maximum);

// What is wrong with the trace of any case, before anything is measured.
absl::Status CheckTraces(std::span<const Case> cases);

}  // namespace normbench
