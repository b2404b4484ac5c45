// SPDX-License-Identifier: Apache-2.0
// What a server with these options admits at once.
#pragma once

#include "server/exec/admission.h"
#include "server/options.h"

namespace normbench {

// Estimated work that may wait for one worker: a client would have given up.
inline constexpr double kCostSecondsPerWorker = 60;

// REQUIRES: options.workers >= 1.
AdmissionOptions Budgets(const ServerOptions& options);

}  // namespace normbench
