// SPDX-License-Identifier: Apache-2.0
// What is wrong with a run and would show only after a while: found before anything is connected,
// measured or written.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "bench/report/case.h"
#include "client/arguments.h"

namespace normbench {

// Returns NOT_FOUND or INVALID_ARGUMENT for a trace that cannot be read, a goal of --find-max that
// is none or has not exactly one service or model case, and a plan longer than --max-time.
absl::Status CheckRun(const RunArguments& arguments, std::span<const Case> cases);

}  // namespace normbench
