// SPDX-License-Identifier: Apache-2.0
// Results of the tests here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/micro/kernels/result.h"
#include "tests/bench/micro/kernels/cases.h"

namespace normbench {

// A row that was timed at 100 us, 10 GB/s, half of the copy's; off by `error` of 30, `ratio` times
// as fast as torch, give or take 0.1.
inline ContenderResult RowOf(const std::string& contender, double error, double ratio) {
  ContenderResult row;
  row.contender = contender;
  row.key = "norm/group?impl=" + contender;
  row.times = CallTimes{.min = 90e-6, .p50 = 100e-6, .p90 = 120e-6, .samples = 600};
  row.gigabytes_per_s = 10;
  row.part_of_copy = 0.5;
  row.over_torch = PairedRatio{
      .a = 0, .b = 0, .ratio = ratio, .low = ratio - 0.1, .high = ratio + 0.1, .pairs = 15};
  Verification seen;
  seen.accuracy.err_scaled = error;
  seen.bound = 30;
  row.verification = seen;
  return row;
}

inline std::vector<CaseResult> ResultsOf(std::vector<ContenderResult> rows) {
  return {CaseResult{MakeCase(Method::kGroup, "1x64x7x7", 32), 1, std::move(rows)}};
}

}  // namespace normbench
