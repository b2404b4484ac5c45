// SPDX-License-Identifier: Apache-2.0
// `normbench report`: a report that a run has kept, in another form. Needs no server.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/arguments.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// `path`: the file, or the folder that a run wrote. Returns NOT_FOUND or INVALID_ARGUMENT with the
// path and the reason.
absl::StatusOr<v1::Report> ReadKeptReport(const std::string& path);

// Prints the report to standard output. Returns 0, or 2 where there is no report at that path.
int ShowKeptReport(const ReportArguments& arguments);

}  // namespace normbench
