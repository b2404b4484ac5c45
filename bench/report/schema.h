// SPDX-License-Identifier: Apache-2.0
// JSON Schemas (draft 2020-12) of what is read and written, from the descriptors. Committed as
// sweep.schema.json and report.schema.json; a test keeps them current.
#pragma once

#include <string>

namespace normbench {

// Every message becomes a definition without additional properties; names are those of the .proto
// file.
std::string ReportSchema();
std::string SweepSchema();

}  // namespace normbench
