// SPDX-License-Identifier: Apache-2.0
// Is what a contender computes right? Asked before it is timed.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "bench/micro/kernels/case_reference.h"
#include "bench/micro/kernels/contender.h"
#include "bench/norm/accuracy.h"

namespace normbench {

struct Verification {
  Accuracy accuracy;
  double bound = 0;       // of accuracy.err_scaled
  bool sum_right = true;  // the kept sum has the expected bits
  bool right() const {
    return accuracy.err_scaled <= bound && accuracy.nonfinite_mismatches == 0 && sum_right;
  }
};

// Runs it once, on memory that held NaN. Returns errors of the call.
absl::StatusOr<Verification> Verify(const BenchCase& bench_case, const CaseReference& reference,
                                    CaseMemory& memory, BoundContender& contender);

}  // namespace normbench
