// SPDX-License-Identifier: Apache-2.0
#include "bench/report/schema.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/json.h"
#include "bench/report/sweep_file.h"
#include "google/protobuf/descriptor.h"
#include "normbench/v1/report.pb.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Definitions by name; ordered, so that the text is reproducible.
using Definitions = std::map<std::string, std::string>;

// Numbers that JSON cannot write are strings in protobuf's JSON.
constexpr const char* kDouble =
    R"({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]})";

// What a sweep cannot do without and what every reader of a report may rely on. Not what came
// later: an older report stays valid.
std::string RequiredOf(const std::string& message) {
  static constexpr std::pair<std::string_view, std::string_view> kRequired[] = {
      {"Sweep", R"("version", "name")"},
      {"KernelSweep", R"("norm", "shape")"},
      {"ServiceSweep", R"("norm", "shape")"},
      {"InvarianceSweep", R"("norm", "shape")"},
      {"ModelSweep", R"("model")"},
      {"KeyedSweep", R"("key")"},
      {"Report",
       R"("schema_version", "run_id", "started", "outcome", "sweep", "cases", "warnings", "exit_code")"},
      {"CaseResult",
       R"("key", "kind", "status", "requests", "errors", "expectations", "warnings")"},
      {"Expectation", R"("text", "holds", "observed")"},
      {"Warning", R"("code", "text")"}};
  for (const auto& [name, fields] : kRequired) {
    if (name == message) return absl::StrCat("\n      \"required\": [", std::string(fields), "],");
  }
  return "";
}

void Define(const Descriptor& message, Definitions* definitions);

std::string Constant(int value) {
  return absl::StrCat(R"({"const": )", value, "}");
}

std::string ValueSchema(const FieldDescriptor& field, Definitions* definitions) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Define(*field.message_type(), definitions);
      return absl::StrCat(R"({"$ref": "#/$defs/)", field.message_type()->name(), R"("})");
    case FieldDescriptor::CPPTYPE_STRING:
      return R"({"type": "string"})";
    case FieldDescriptor::CPPTYPE_BOOL:
      return R"({"type": "boolean"})";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return kDouble;
    default:
      if (field.full_name() == "normbench.v1.Report.schema_version")
        return Constant(kReportVersion);
      if (field.full_name() == "normbench.v1.Sweep.version") return Constant(kSweepVersion);
      return R"({"type": "integer", "minimum": -2147483648, "maximum": 2147483647})";
  }
}

std::string FieldSchema(const FieldDescriptor& field, Definitions* definitions) {
  if (field.is_map()) {
    const FieldDescriptor& value = *field.message_type()->map_value();
    return absl::StrCat(R"({"type": "object", "additionalProperties": )",
                        ValueSchema(value, definitions), "}");
  }
  const std::string value = ValueSchema(field, definitions);
  if (!field.is_repeated()) return value;
  return absl::StrCat(R"({"type": "array", "items": )", value, "}");
}

void Define(const Descriptor& message, Definitions* definitions) {
  if (definitions->contains(message.name())) return;
  (*definitions)[message.name()] = "";  // before its fields, which may use it
  std::vector<std::string> properties;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    properties.push_back(
        absl::StrCat("        \"", field.name(), "\": ", FieldSchema(field, definitions)));
  }
  (*definitions)[message.name()] =
      absl::StrCat("{\n      \"type\": \"object\",", RequiredOf(message.name()),
                   "\n      \"additionalProperties\": false,\n      \"properties\": {\n",
                   absl::StrJoin(properties, ",\n"), "\n      }\n    }");
}

std::string JsonSchema(const Descriptor& message, const std::string& title) {
  Definitions definitions;
  Define(message, &definitions);
  std::vector<std::string> entries;
  for (const auto& [name, schema] : definitions) {
    entries.push_back(absl::StrCat("    \"", name, "\": ", schema));
  }
  return absl::StrCat("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n",
                      "  \"title\": \"", title, "\",\n  \"$ref\": \"#/$defs/", message.name(),
                      "\",\n  \"$defs\": {\n", absl::StrJoin(entries, ",\n"), "\n  }\n}\n");
}

}  // namespace

std::string ReportSchema() {
  return JsonSchema(*v1::Report::descriptor(),
                    absl::StrCat("normbench report, schema_version ", kReportVersion));
}

std::string SweepSchema() {
  return JsonSchema(*v1::Sweep::descriptor(),
                    absl::StrCat("normbench sweep, version ", kSweepVersion));
}

}  // namespace normbench
