// SPDX-License-Identifier: Apache-2.0
// Where the server's time went, from its own metrics page.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace normbench {

// Seconds and requests since the server began, for Normalize.
struct StageTimes {
  double duration = 0;  // handler start to Finish
  double compute = 0;   // in the kernel
  double requests = 0;
};

// Reads http://ADDRESS/metrics.
absl::StatusOr<StageTimes> ReadStageTimes(const std::string& address);

// The sum of all samples of the metric `name` whose labels contain `label`.
double SumOfMetric(std::string_view text, std::string_view name, std::string_view label);

// Of one model of the server there; `duration` is not known, `requests` are its executions.
absl::StatusOr<StageTimes> ReadModelTimes(const std::string& address, const std::string& model);

}  // namespace normbench
