// SPDX-License-Identifier: Apache-2.0
// The course of a gate: rounds, a look, maybe an extension and a second look, maybe a confirmation.
// Where the rounds come from is somebody else's business: servers, or a simulation.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gated_cell.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct RoundRequest {
  int number = 0;
  std::string phase;          // main | extension | confirmation
  std::vector<size_t> cells;  // of the gate, by number, in order
  int left = 1;               // rounds that the phase still wants, this one among them ...
  double left_seconds = 0;    // ... and what they are expected to take
};

class RoundSource {
 public:
  virtual ~RoundSource() = default;

  // Visits every arm once. Returns CANCELLED where the user stopped it and another status where an
  // arm cannot be measured.
  virtual absl::StatusOr<v1::Round> Measure(const RoundRequest& request) = 0;

  // Since the gate began.
  virtual double Seconds() = 0;
};

// Fills rounds, looks, cells, accuracy, outcome, error, verdict and exit code of `comparison`,
// whose policy is complete. `on_round` is called after each round; may be null. Void rounds are
// measured again at the end of their phase, at most half as many as it has. No round begins that
// the budget has no time for.
void RunGate(const std::vector<GatedCell>& cells, const GatePlan& plan, RoundSource& source,
             const std::function<void(const v1::Comparison& so_far)>& on_round,
             v1::Comparison* comparison);

// The same of a gate that ended before its first round, for `why`: CANCELLED where the user stopped
// it, INVALID_ARGUMENT where the policy does not fit what is there, else an arm has failed.
void EndWithoutRounds(const absl::Status& why, v1::Comparison* comparison);

}  // namespace normbench
