// SPDX-License-Identifier: Apache-2.0
// Results as text for people.
#pragma once

#include <string>
#include <vector>

#include "bench/micro/kernels/options.h"
#include "bench/micro/kernels/result.h"
#include "bench/micro/kernels/surroundings.h"

namespace normbench {

// What the table is about, and the names of its columns.
std::string TableHead(const BenchOptions& options, const Surroundings& surroundings);

// One case: a line for each number of threads and contender, and how it computes. REQUIRES: not
// empty, of one case.
std::string TableRows(const BenchOptions& options, const std::vector<CaseResult>& results);

// The geometric mean of torch / native, the worst row, and how many rows met the target.
std::string TableFoot(const BenchOptions& options, const std::vector<CaseResult>& results);

}  // namespace normbench
