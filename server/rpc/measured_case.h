// SPDX-License-Identifier: Apache-2.0
// The NormCase that Measure and CheckInvariance share, checked and with every default filled in.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/norm/generator.h"
#include "normbench/v1/measure.pb.h"
#include "server/rpc/norm_task.h"

namespace normbench {

struct MeasuredCase {
  NormTask task;
  Distribution data = Distribution::kNormal;
  uint64_t seed = 1;
  v1::NormCase words;  // with every default but those of cache and threads, which are left out
};

// Returns INVALID_ARGUMENT naming field, value and allowed range; see ParseNormTask for the rest.
absl::StatusOr<MeasuredCase> ParseMeasuredCase(const v1::NormCase& words,
                                               const OfferedKernels& kernels);

// "threads: 5; allowed: 1 .. 4".
absl::Status OutOfRange(const char* field, int64_t value, int64_t low, int64_t high);

// INVALID_ARGUMENT where one tensor of `plan` has more than `max_bytes`; `field` named its shape.
absl::Status CheckTensorBytes(const char* field, const PlanRequest& plan, int64_t max_bytes);

}  // namespace normbench
