// SPDX-License-Identifier: Apache-2.0
// What a gate will take, before it starts: an estimate from policy and cells alone. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/gate/gated_cell.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct GatePlan {
  int rounds = 0, extension = 0, confirmation = 0;
  double visit_seconds = 0;  // to one arm: start, all cells, end
  double first_look_seconds = 0;
  double most_seconds = 0;  // with extension and confirmation
};

// What a fresh server takes to be ready and to end.
inline constexpr double kStartSeconds = 0.8;

// Shares the budget out: cells without seconds of their own get what is left, 0.1 to 2 s each, and
// a quarter of it, at least 0.1 s, to warm up. Returns INVALID_ARGUMENT where all rounds do not fit
// into the budget, with what would: fewer rounds, or so many seconds; and where all rounds together
// are too few for any verdict.
absl::StatusOr<GatePlan> PlanGate(const v1::Policy& policy, std::vector<GatedCell>* cells);

// How long it takes and what it can detect, two lines, each ended by a newline. `comparisons`:
// cells x metrics.
std::string GatePlanLines(const v1::Policy& policy, const GatePlan& plan, size_t comparisons);

}  // namespace normbench
