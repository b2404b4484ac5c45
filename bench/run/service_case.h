// SPDX-License-Identifier: Apache-2.0
// A service case: Normalize over gRPC with the tensors of the case on the wire; every distinct
// answer is checked against the float64 reference after the timed window.
#pragma once

#include "bench/report/case.h"
#include "bench/run/session.h"

namespace normbench {

// REQUIRES: c.spec is a ServiceCase.
CaseRun RunServiceCase(const Case& c, const Session& session);

}  // namespace normbench
