// SPDX-License-Identifier: Apache-2.0
// What went wrong, as a line for people and a number for scripts.
#pragma once

#include "absl/status/status.h"

namespace normbench {

// Prints "normbench: ..." to standard error. Returns the exit code: 130 where the user stopped it,
// 2 for INVALID_ARGUMENT and NOT_FOUND, else 1. REQUIRES: not OK.
int Fail(const absl::Status& status);

// `exit_code`, and one more thing that may have gone wrong, which is printed: the worse of the two.
int WorstOf(int exit_code, const absl::Status& status);

}  // namespace normbench
