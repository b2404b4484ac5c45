// SPDX-License-Identifier: Apache-2.0
// What results mean for the one who asked: verdicts and the exit code.
#pragma once

#include <string>
#include <vector>

#include "bench/micro/kernels/options.h"
#include "bench/micro/kernels/result.h"

namespace normbench {

// Whether the row is the native kernel's, with whatever stores: what is held to bounds and targets.
bool IsNative(const ContenderResult& row);

// "met", "missed", "undecided" against the target; "" without one, or for another than native.
std::string VerdictOf(const ContenderResult& row, const BenchOptions& options);

// "ok", or "FAIL" where it is off by more than its bound; "" where nobody looked.
std::string CorrectnessOf(const ContenderResult& row);

// 4 where native failed, else 3 where a target was missed, else 0. What LibTorch gets wrong is
// LibTorch's (its channels-last norms are known for it).
int ExitCodeOf(const std::vector<CaseResult>& results, const BenchOptions& options);

}  // namespace normbench
