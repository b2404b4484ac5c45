// SPDX-License-Identifier: Apache-2.0
#include "bench/report/json.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace normbench {

namespace {

constexpr const char* kUrlPrefix = "type.googleapis.com";

// Maps in the order of their keys, so that equal reports are equal texts.
std::string SerializeSorted(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  return bytes;
}

}  // namespace

std::string MessageToJson(const google::protobuf::Message& message) {
  namespace util = google::protobuf::util;
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  const std::unique_ptr<util::TypeResolver> types(util::NewTypeResolverForDescriptorPool(
      kUrlPrefix, google::protobuf::DescriptorPool::generated_pool()));
  std::string json;
  const auto printed =
      util::BinaryToJsonString(types.get(), absl::StrCat(kUrlPrefix, "/", message.GetTypeName()),
                               SerializeSorted(message), &json, options);
  // A message of known type and valid UTF-8 always prints.
  return printed.ok() ? json : "";
}

std::string ReportToJson(const v1::Report& report) {
  return MessageToJson(report);
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
