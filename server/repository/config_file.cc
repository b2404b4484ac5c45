// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/nearest.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace normbench {
namespace {

constexpr int kMaxErrors = 3;
// The deepest path of a ModelConfig has four messages.
constexpr int kMaxDepth = 16;

std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const size_t start = text.find(before);
  if (start == std::string::npos) return "";
  const size_t from = start + before.size();
  const size_t end = text.find(after, from);
  return end == std::string::npos ? "" : text.substr(from, end - from);
}

// The parser says `Message type "T" has no field named "f".`; which field of T was meant?
std::string NearestField(const std::string& message) {
  const std::string type = Between(message, "Message type \"", "\"");
  const std::string field = Between(message, "has no field named \"", "\"");
  const auto* descriptor =
      inference::ModelConfig::descriptor()->file()->pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr || field.empty()) return "";
  std::vector<std::string> names;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    names.push_back(descriptor->field(i)->name());
  }
  const std::string nearest = Nearest(field, names);
  return nearest.empty() ? absl::StrCat(" Known: ", absl::StrJoin(names, ", "), ".")
                         : absl::StrCat(" Nearest: ", nearest, ".");
}

class ErrorLines : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (lines_.size() >= kMaxErrors) return;
    // The parser counts from 0, editors from 1.
    lines_.push_back(absl::StrCat("config.pbtxt:", line + 1, ":", column + 1, ": ", message,
                                  NearestField(message)));
  }
  void AddWarning(int line, int column, const std::string& message) override {
    AddError(line, column, message);
  }
  std::string text() const { return absl::StrJoin(lines_, "; "); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

absl::StatusOr<inference::ModelConfig> ParseModelConfig(const std::string& text) {
  if (text.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("config.pbtxt: more than ", kMaxConfigBytes, " bytes"));
  }
  ErrorLines errors;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxDepth);
  inference::ModelConfig config;
  if (!parser.ParseFromString(text, &config)) return absl::InvalidArgumentError(errors.text());
  // The text parser lets any bytes into a string; no client could read an answer that holds them.
  inference::ModelConfig readable;
  if (!readable.ParseFromString(config.SerializeAsString())) {
    return absl::InvalidArgumentError("config.pbtxt: a string in it is not UTF-8");
  }
  return config;
}

absl::StatusOr<inference::ModelConfig> ReadModelConfig(const std::string& path) {
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
