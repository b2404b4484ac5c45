// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/steady_time.h"

#include <chrono>

namespace normbench {

absl::StatusOr<double> TimeLaunches(BoundNorm& norm, int iterations) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < iterations; ++i) {
    if (absl::Status status = norm.Launch(); !status.ok()) return status;
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / iterations;
}

}  // namespace normbench
