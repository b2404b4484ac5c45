// SPDX-License-Identifier: Apache-2.0
// Report <-> JSON with the field names of report.proto. Absent optional numbers are left out (read
// them as null: cannot be said); everything else is always there, zeros and empty lists included.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

inline constexpr int kReportVersion = 1;

// The same for any message of ours. Indented, ended by a newline.
std::string MessageToJson(const google::protobuf::Message& message);

std::string ReportToJson(const v1::Report& report);

// Fields of newer versions are ignored. Returns INVALID_ARGUMENT where it is no JSON of a report,
// or of another schema_version.
absl::StatusOr<v1::Report> ReportFromJson(std::string_view json);

}  // namespace normbench
