// SPDX-License-Identifier: Apache-2.0
// Looks at this machine for some seconds.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "client/doctor/findings.h"

namespace normbench {

struct ExamineOptions {
  double seconds = 30;                                // all together
  std::function<bool()> stop = [] { return false; };  // true: end with what there is
};

// Reads what the machine says of itself, then wakes up and works, most of the time in pairs that do
// the same. Returns UNAVAILABLE where there is no loopback.
absl::StatusOr<Findings> Examine(const ExamineOptions& options);

}  // namespace normbench
