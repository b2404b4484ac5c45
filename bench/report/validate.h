// SPDX-License-Identifier: Apache-2.0
// What can be known of a case to be wrong before any server is asked.
#pragma once

#include "absl/status/status.h"
#include "bench/report/case.h"

namespace normbench {

inline constexpr int kMaxInFlight = 4096;
inline constexpr int kMaxChannels = 64;
inline constexpr int kMaxRequestBatch = 65536;
inline constexpr int kMaxThreads = 1024;

// Checks words, shape and ranges. Returns INVALID_ARGUMENT naming the field, its value and the
// allowed range; unknown words suggest the nearest.
absl::Status ValidateCase(const CaseSpec& spec);

// seconds of a case of that kind, warmup_seconds likewise; 0 or more, finite, bounded.
absl::Status ValidateBudget(const Case& c);

}  // namespace normbench
