// SPDX-License-Identifier: Apache-2.0
// What a gate will take, before it starts: from policy and cells alone, or by what a rehearsal
// took. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/gate/gated_cell.h"
#include "bench/gate/rehearsal.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct GatePlan {
  int rounds = 0, extension = 0, confirmation = 0;
  double visit_seconds = 0;  // to one arm: start, all cells, end
  double first_look_seconds = 0;
  double most_seconds = 0;  // with extension and confirmation
};

// What a fresh server takes to be ready and to end, where nobody has tried.
inline constexpr double kStartSeconds = 0.3;

// Rounds of the first look that a policy gets that names none.
inline constexpr int kFewestUsualRounds = 12;
inline constexpr int kMostUsualRounds = 20;

// Shares 95 % of the budget out. A policy without rounds gets 12 to 20, as many as it can pay for
// with 0.15 s a cell, and as many again to extend unless it says how many. Cells without seconds
// get what is left, 0.1 to 2 s each, more where their quantiles take samples that do not come in
// that time, and a quarter of it, at least 0.1 s, to warm up. Returns INVALID_ARGUMENT where all
// rounds do not fit into the budget, with what would: fewer rounds, or so many seconds; where the
// policy's own seconds of a cell are too few for its quantiles; and where all rounds together are
// too few for any verdict.
absl::StatusOr<GatePlan> PlanGate(v1::Policy* policy, std::vector<GatedCell>* cells,
                                  const Rehearsal& rehearsal = {});

// The same by what a rehearsal of each arm took and had, of which A has two of three visits. Where
// the slower of both cannot be planned with, A alone is: that B is slow is what rounds are to find,
// no mistake of the policy.
absl::StatusOr<GatePlan> PlanForBoth(v1::Policy* policy, std::vector<GatedCell>* cells,
                                     const Rehearsal& a, const Rehearsal& b);

// What is wrong whatever a visit takes: rounds that are too few for any verdict, cells that last
// longer than the budget or too short for their schedule.
absl::Status CheckPlan(const v1::Policy& policy, std::vector<GatedCell> cells);

// How long it takes and what it can detect in all cells, two lines, each ended by a newline.
std::string GatePlanLines(const v1::Policy& policy, const GatePlan& plan,
                          const std::vector<GatedCell>& cells);

}  // namespace normbench
