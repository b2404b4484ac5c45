// SPDX-License-Identifier: Apache-2.0
// Results as JSON, for programs. Format: README.md here.
#pragma once

#include <string>
#include <vector>

#include "bench/micro/kernels/options.h"
#include "bench/micro/kernels/result.h"
#include "bench/micro/kernels/surroundings.h"

namespace normbench {

inline constexpr int kResultVersion = 1;

std::string ResultJson(const BenchOptions& options, const Surroundings& surroundings,
                       const std::vector<CaseResult>& results);

}  // namespace normbench
