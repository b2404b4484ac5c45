// SPDX-License-Identifier: Apache-2.0
// One case from data to result: verified first, then timed, contenders in turn.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/micro/kernels/contender.h"
#include "bench/micro/kernels/result.h"
#include "bench/micro/kernels/rounds.h"

namespace normbench {

using Contenders = std::vector<std::unique_ptr<Contender>>;

struct RunOptions {
  std::vector<int> threads = {1, 2};
  Cache cache = Cache::kHot;
  int64_t cache_bytes = 0;  // of the last-level cache, where cold
  bool verify = true;
  bool time = true;
  RoundsOptions rounds;
};

// One result for each number of threads. Contenders that do not offer the case say so in the
// result; other errors end it.
absl::StatusOr<std::vector<CaseResult>> RunCase(const BenchCase& bench_case,
                                                const Contenders& contenders,
                                                const RunOptions& options);

}  // namespace normbench
