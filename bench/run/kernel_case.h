// SPDX-License-Identifier: Apache-2.0
// Kernel and invariance cases: the server makes the data and does the work; no tensor crosses the
// wire.
#pragma once

#include "bench/report/case.h"
#include "bench/run/session.h"

namespace normbench {

// REQUIRES: c.spec is a NormCase.
CaseRun RunKernelCase(const Case& c, const Session& session);

// REQUIRES: c.spec is an InvarianceCase.
CaseRun RunInvarianceCase(const Case& c, const Session& session);

}  // namespace normbench
