// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/repository/naming.h"

namespace normbench {
namespace {

constexpr int kMaxErrors = 3;
// The deepest path of a ModelConfig has five messages; an unknown message counts each value, too.
constexpr int kMaxDepth = 16;

std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const size_t start = text.find(before);
  if (start == std::string::npos) return "";
  const size_t from = start + before.size();
  const size_t end = text.find(after, from);
  return end == std::string::npos ? "" : text.substr(from, end - from);
}

// "; nearest: FIELD" of the message `type`, or "".
std::string NearestField(const std::string& type, const std::string& field) {
  const auto* descriptor =
      inference::ModelConfig::descriptor()->file()->pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return "";
  std::vector<std::string> names;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    names.push_back(descriptor->field(i)->name());
  }
  return NearestNote(field, names);
}

// The parser counts from 0, editors from 1.
std::string Place(int line, int column) {
  return absl::StrCat("config.pbtxt:", line + 1, ":", column + 1);
}

class Messages : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (errors_.size() >= kMaxErrors) return;
    errors_.push_back(absl::StrCat(Place(line, column), ": ", message));
  }
  // The parser says `Message type "T" has no field named "f".`, or `Ignoring extension "f" ...`.
  void AddWarning(int line, int column, const std::string& message) override {
    if (++warnings_ > kMaxUnknownFields) return;
    const std::string type = Between(message, "Message type \"", "\"");
    const std::string field =
        Between(message, type.empty() ? "extension \"" : "no field named \"", "\"");
    unknown_.push_back(absl::StrCat("unknown field ", Quoted(field), " (", Place(line, column),
                                    NearestField(type, field), ")"));
  }
  std::vector<std::string> unknown() const {
    std::vector<std::string> all = unknown_;
    if (warnings_ > unknown_.size()) {
      all.push_back(absl::StrCat(warnings_ - unknown_.size(), " more unknown fields"));
    }
    return all;
  }
  std::string text() const {
    std::vector<std::string> all = errors_;
    for (std::string& line : unknown()) all.push_back(std::move(line));
    return absl::StrJoin(all, "; ");
  }

 private:
  std::vector<std::string> errors_;
  std::vector<std::string> unknown_;
  size_t warnings_ = 0;
};

}  // namespace

absl::StatusOr<ConfigFile> ParseModelConfig(const std::string& text) {
  if (text.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("config.pbtxt: more than ", kMaxConfigBytes, " bytes"));
  }
  Messages messages;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&messages);
  parser.SetRecursionLimit(kMaxDepth);
  parser.AllowUnknownField(true);
  ConfigFile file;
  if (!parser.ParseFromString(text, &file.config)) {
    return absl::InvalidArgumentError(messages.text());
  }
  // The text parser lets any bytes into a string; no client could read an answer that holds them.
  inference::ModelConfig readable;
  if (!readable.ParseFromString(file.config.SerializeAsString())) {
    return absl::InvalidArgumentError("config.pbtxt: a string in it is not UTF-8");
  }
  file.unknown = messages.unknown();
  return file;
}

absl::StatusOr<ConfigFile> ReadModelConfig(const std::string& path) {
  std::error_code error;
  // Opening a pipe would wait for ever.
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError("config.pbtxt: there is no such file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("config.pbtxt: cannot be opened");
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return absl::NotFoundError("config.pbtxt: cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseModelConfig(text);
}

}  // namespace normbench
