// SPDX-License-Identifier: Apache-2.0
// A kernel case: the server makes the data, verifies, times; no tensor crosses the wire.
#pragma once

#include "bench/report/case.h"
#include "client/session.h"

namespace normbench {

// REQUIRES: c.spec is a NormCase.
CaseRun RunKernelCase(const Case& c, const Session& session);

}  // namespace normbench
