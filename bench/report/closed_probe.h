// SPDX-License-Identifier: Apache-2.0
// Rates that are shares of the maximum (poisson:80%) need to know it: the throughput of a short
// closed loop of the same case. All shares of one case are of the same one, so it is measured once.
#pragma once

#include <string>

#include "bench/report/case.h"

namespace normbench {

// True if the case has rates that are shares.
bool NeedsMaximum(const Case& c);

// The closed loop to measure: the same requests, without expectations; its key tells apart what has
// maxima of its own. REQUIRES: not a kernel case.
Case ClosedProbe(const Case& c);

}  // namespace normbench
