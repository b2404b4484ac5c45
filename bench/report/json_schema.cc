// SPDX-License-Identifier: Apache-2.0
#include "bench/report/json_schema.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Numbers that JSON cannot write are strings in protobuf's JSON.
constexpr const char* kDouble =
    R"({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]})";

class Generator {
 public:
  explicit Generator(const SchemaOptions& options) : options_(options) {}

  std::string Generate(const Descriptor& message) {
    Define(message);
    std::vector<std::string> entries;
    for (const auto& [name, schema] : definitions_) {
      entries.push_back(absl::StrCat("    \"", name, "\": ", schema));
    }
    return absl::StrCat("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n",
                        "  \"title\": \"", options_.title, "\",\n  \"$ref\": \"#/$defs/",
                        message.name(), "\",\n  \"$defs\": {\n", absl::StrJoin(entries, ",\n"),
                        "\n  }\n}\n");
  }

 private:
  std::string RequiredOf(const std::string& message) const {
    const auto found = options_.required.find(message);
    if (found == options_.required.end()) return "";
    return absl::StrCat("\n      \"required\": [\"", absl::StrJoin(found->second, "\", \""),
                        "\"],");
  }

  std::string IntegerSchema(const FieldDescriptor& field) const {
    const auto version =
        options_.versions.find(absl::StrCat(field.containing_type()->name(), ".", field.name()));
    if (version != options_.versions.end()) {
      return absl::StrCat(R"({"const": )", version->second, "}");
    }
    return R"({"type": "integer", "minimum": -2147483648, "maximum": 2147483647})";
  }

  std::string ValueSchema(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Define(*field.message_type());
        return absl::StrCat(R"({"$ref": "#/$defs/)", field.message_type()->name(), R"("})");
      case FieldDescriptor::CPPTYPE_STRING:
        return R"({"type": "string"})";
      case FieldDescriptor::CPPTYPE_BOOL:
        return R"({"type": "boolean"})";
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return kDouble;
      default:
        return IntegerSchema(field);
    }
  }

  std::string FieldSchema(const FieldDescriptor& field) {
    if (field.is_map()) {
      const FieldDescriptor& value = *field.message_type()->map_value();
      return absl::StrCat(R"({"type": "object", "additionalProperties": )", ValueSchema(value),
                          "}");
    }
    const std::string value = ValueSchema(field);
    if (!field.is_repeated()) return value;
    return absl::StrCat(R"({"type": "array", "items": )", value, "}");
  }

  void Define(const Descriptor& message) {
    if (definitions_.contains(message.name())) return;
    definitions_[message.name()] = "";  // before its fields, which may use it
    std::vector<std::string> properties;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      properties.push_back(absl::StrCat("        \"", field.name(), "\": ", FieldSchema(field)));
    }
    definitions_[message.name()] =
        absl::StrCat("{\n      \"type\": \"object\",", RequiredOf(message.name()),
                     "\n      \"additionalProperties\": false,\n      \"properties\": {\n",
                     absl::StrJoin(properties, ",\n"), "\n      }\n    }");
  }

  const SchemaOptions& options_;
  std::map<std::string, std::string> definitions_;  // ordered, so that the text is reproducible
};

}  // namespace

std::string JsonSchema(const Descriptor& message, const SchemaOptions& options) {
  return Generator(options).Generate(message);
}

}  // namespace normbench
