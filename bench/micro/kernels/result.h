// SPDX-License-Identifier: Apache-2.0
// What was found out about a case: values for the table and the JSON file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/micro/kernels/bench_case.h"
#include "bench/micro/kernels/verify.h"
#include "bench/stats/pairs.h"

namespace normbench {

struct CallTimes {
  double min = 0, p50 = 0, p90 = 0;  // seconds a call, nearest rank over all samples
  int64_t samples = 0;
  int64_t calls_per_sample = 1;
};

struct ContenderResult {
  std::string contender;
  std::string key;          // of the case as this contender has run it
  std::string description;  // how it computes
  bool normalizes = true;   // false: a copy
  std::string not_offered;  // why there is nothing; "" where there is
  std::optional<Verification> verification;
  std::optional<CallTimes> times;
  double gigabytes_per_s = 0;             // 1e9 algorithmic bytes a second, by p50
  std::optional<double> part_of_copy;     // of the copy's, with the same kind of stores
  std::optional<PairedRatio> over_torch;  // time of torch over the time of this one
};

struct CaseResult {
  BenchCase bench_case;
  int threads = 1;
  std::vector<ContenderResult> contenders;
};

}  // namespace normbench
