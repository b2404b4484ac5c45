// SPDX-License-Identifier: Apache-2.0
#include "bench/report/json.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace normbench {

std::string ReportToJson(const v1::Report& report) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  std::string json;
  // Fails for messages that are not well formed (Any, bad UTF-8 is replaced), which a Report cannot
  // be.
  if (!google::protobuf::util::MessageToJsonString(report, &json, options).ok()) return "";
  return json;
}

absl::StatusOr<v1::Report> ReportFromJson(std::string_view json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::Report report;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &report, options);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("not a report: ", parsed.ToString()));
  }
  if (report.schema_version() != kReportVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("schema_version: ", report.schema_version(), "; allowed: ", kReportVersion));
  }
  return report;
}

}  // namespace normbench
