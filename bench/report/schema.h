// SPDX-License-Identifier: Apache-2.0
// JSON Schemas of what is read and written. Committed as sweep.schema.json and report.schema.json;
// a test keeps them current.
#pragma once

#include <string>

namespace normbench {

std::string ReportSchema();
std::string SweepSchema();

}  // namespace normbench
