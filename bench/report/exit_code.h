// SPDX-License-Identifier: Apache-2.0
// What the process says when it ends.
#pragma once

#include <span>
#include <string_view>

#include "normbench/v1/report.pb.h"

namespace normbench {

enum class ExitCode : int {
  kOk = 0,
  kTransport = 1,    // or internal
  kUsage = 2,        // or configuration
  kExpectation = 3,  // performance regression or expectation missed
  kAccuracy = 4,
  kInconclusive = 5,  // or unstable host
  kClientLimited = 6,
  kInterrupted = 130,
};

// "ok", "expectation missed": two or three words for people.
std::string_view Describe(ExitCode code);

// The one that counts where several apply: 130, 2, 1, 4, 6, 5, 3, 0. An invalid measurement cannot
// convict; a wrong answer always does. kOk for none.
ExitCode Worst(std::span<const ExitCode> codes);

// The code of a finished run, from its outcome, its failed cases (2 where error_code says that the
// request was at fault, else 1), numbers over their derived bound (4), missed expectations (4 or 3)
// and, where the sweep requires the schedule, a client that limited the rate (6).
ExitCode ExitCodeOf(const v1::Report& report);

}  // namespace normbench
