// SPDX-License-Identifier: Apache-2.0
// What is wrong with a run that somebody asks for: found before it is queued.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "bench/report/plan.h"
#include "normbench/v1/runs.pb.h"

namespace normbench {

inline constexpr int kMaxRunLabels = 16;

struct RunLimits {
  double max_seconds = 3600;        // that the plan of one run may take
  double max_memory_bytes = 2.7e9;  // that it may need at once, programs included
  int max_queued = 64;              // runs that wait
};

// What the run would take.
struct CheckedRun {
  Plan plan;
  int visits = 0;  // to its cases, all together
};

// Returns INVALID_ARGUMENT naming the field, its value and what is
// allowed: as ParseSweep and Expand do, and for a plan over a limit, data or a schedule from a file
// (it would be the server's), and labels or words that are none.
absl::StatusOr<CheckedRun> CheckRunRequest(const v1::SubmitRequest& request,
                                           const RunLimits& limits);

// The same of cases alone: on a machine whose devices are known the filter may leave others than
// CheckRunRequest saw.
absl::StatusOr<CheckedRun> CheckCases(std::span<const Case> cases, const RunLimits& limits);

}  // namespace normbench
