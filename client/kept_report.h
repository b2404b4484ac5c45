// SPDX-License-Identifier: Apache-2.0
// `normbench report`: a report that a run has kept, in another form. Needs no server.
#pragma once

#include "client/arguments.h"

namespace normbench {

// Prints the report to standard output. Returns 0, or 2 where there is no report at that path.
int ShowKeptReport(const ReportArguments& arguments);

}  // namespace normbench
