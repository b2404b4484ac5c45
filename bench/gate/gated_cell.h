// SPDX-License-Identifier: Apache-2.0
// A policy -> what is measured and judged.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "bench/report/expand.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct GatedCell {
  Case c;
  std::vector<v1::GatedMetric> metrics;  // may be empty: only its answers are judged
  // A visit is at least as long where the policy does not say how long: what its quantiles need.
  double least_seconds = 0;
};

// The cells of a complete policy, in its order. A cell without seconds has 0, as a plan fills it in
// (gate_plan.h). `devices` as of Expand. Returns INVALID_ARGUMENT as Expand does, for more than 32
// cells, for a metric that fits none of them, and for cells whose loops a comparison cannot share
// out evenly (trace:, spike:, step: and shares of a maximum).
absl::StatusOr<std::vector<GatedCell>> GatedCells(const v1::Policy& policy,
                                                  const ImplDevices& devices);

std::vector<Case> CasesOf(const std::vector<GatedCell>& cells);

}  // namespace normbench
