// SPDX-License-Identifier: Apache-2.0
#include "bench/report/key_field.h"

#include <charconv>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/reflection.h"

namespace normbench {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<KeyField> NormFields(const std::string& prefix) {
  return {{"impl", prefix + "impl", true},
          {"shape", prefix + "shape", true},
          {"g", prefix + "spec.groups", true},
          {"dtype", prefix + "dtype", true},
          {"layout", prefix + "layout", true},
          {"dev", prefix + "device", true},
          {"stats", prefix + "spec.stats"},
          {"affine", prefix + "spec.affine"},
          {"trailing", prefix + "spec.trailing"},
          {"eps", prefix + "spec.eps"},
          {"cache", prefix + "cache"},
          {"threads", prefix + "threads"},
          {"data", prefix + "data"},
          {"seed", prefix + "seed"}};
}

void AddLoadFields(std::vector<KeyField>* fields) {
  fields->insert(fields->end(), {{"arrivals", "load.arrivals", true},
                                 {"late", "load.late"},
                                 {"deadline", "load.deadline_seconds"},
                                 {"channels", "load.channels"}});
}

std::string Shortest(double value) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

// The message that holds the last part of `path`, and that field.
template <typename MessagePointer, typename Step>
std::pair<MessagePointer, const FieldDescriptor*> Walk(MessagePointer message,
                                                       std::string_view path, Step step) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(path.data(), path.size()), '.');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    message = step(message, message->GetDescriptor()->FindFieldByName(parts[i]));
  }
  return {message, message->GetDescriptor()->FindFieldByName(parts.back())};
}

absl::StatusOr<int32_t> ParseInt(const std::string& text) {
  int32_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is no whole number from 1 to 2147483647"));
  }
  return value;
}

// Between the values of a list.
const char* Joint(const FieldDescriptor& list) {
  return list.name() == "shape" ? "x" : ",";
}

absl::Status SetList(Message* message, const FieldDescriptor* field, const std::string& text) {
  for (const absl::string_view part : absl::StrSplit(text, Joint(*field))) {
    const absl::StatusOr<int32_t> value = ParseInt(std::string(part));
    if (!value.ok()) return value.status();
    message->GetReflection()->AddInt32(message, field, *value);
  }
  return absl::OkStatus();
}

absl::Status SetDouble(Message* message, const FieldDescriptor* field, const std::string& text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no number"));
  }
  message->GetReflection()->SetDouble(message, field, value);
  return absl::OkStatus();
}

absl::Status SetInt(Message* message, const FieldDescriptor* field, const std::string& text) {
  const absl::StatusOr<int32_t> value = ParseInt(text);
  if (!value.ok()) return value.status();
  message->GetReflection()->SetInt32(message, field, *value);
  return absl::OkStatus();
}

}  // namespace

std::vector<KeyField> KeyFields(CaseKind kind) {
  if (kind == CaseKind::kModel) {
    std::vector<KeyField> fields = {{"data", "data", true},
                                    {"request_batch", "request_batch", true},
                                    {"in_flight", "in_flight", true},
                                    {"version", "version"},
                                    {"images", "images"},
                                    {"labels", "labels"}};
    AddLoadFields(&fields);
    return fields;
  }
  if (kind == CaseKind::kKernel) return NormFields("");
  std::vector<KeyField> fields = NormFields("norm_case.");
  if (kind == CaseKind::kInvariance) {
    std::erase_if(fields, [](const KeyField& field) { return field.name == "cache"; });
    for (KeyField& field : fields) {
      if (field.name == "threads") field.path = "threads";
    }
    fields.push_back({"n", "batch_sizes"});
    return fields;
  }
  fields.insert(fields.begin() + 6, {"in_flight", "in_flight", true});
  AddLoadFields(&fields);
  return fields;
}

std::string FieldText(const Message& message, std::string_view path) {
  const auto [parent, field] =
      Walk(&message, path, [](const Message* m, const FieldDescriptor* f) -> const Message* {
        return &m->GetReflection()->GetMessage(*m, f);
      });
  const auto* reflection = parent->GetReflection();
  if (field->is_repeated()) {
    const auto values = reflection->GetRepeatedFieldRef<int32_t>(*parent, field);
    return absl::StrJoin(values.begin(), values.end(), Joint(*field));
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(*parent, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Shortest(reflection->GetDouble(*parent, field));
    default: {
      const int32_t value = reflection->GetInt32(*parent, field);
      return value == 0 ? "" : absl::StrCat(value);
    }
  }
}

absl::Status SetFieldText(Message* message, std::string_view path, const std::string& text) {
  const auto [parent, field] =
      Walk(message, path, [](Message* m, const FieldDescriptor* f) -> Message* {
        return m->GetReflection()->MutableMessage(m, f);
      });
  if (field->is_repeated()) return SetList(parent, field, text);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      parent->GetReflection()->SetString(parent, field, text);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetDouble(parent, field, text);
    default:
      return SetInt(parent, field, text);
  }
}

}  // namespace normbench
