// SPDX-License-Identifier: Apache-2.0
// What becomes of the results of a run that has ended.
#pragma once

#include <string>

#include "client/metrics/exporter.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Keeps the report in `folder`, in every form, publishes its numbers and shows it. Returns the exit
// code: the report's, or a worse one where something of that went wrong, which is printed.
int KeepAndShow(const std::string& folder, MetricsExporter& exporter, v1::Report* report);

}  // namespace normbench
