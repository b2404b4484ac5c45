// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/model_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxBatchSize = 64;

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

void WriteTensor(const std::string& field, const ModelTensor& tensor, std::ostream& out) {
  out << field << " {\n  name: " << Quoted(tensor.name) << "\n  data_type: TYPE_FP32\n  dims: [ "
      << absl::StrJoin(tensor.dims, ", ") << " ]\n}\n";
}

absl::Status Failed(const std::string& path, const std::error_code& error) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", error.message()));
}

absl::Status WriteConfigFile(const ModelEntry& entry, const std::string& path) {
  std::ofstream out(path);
  WriteModelConfig(entry, out);
  out.close();
  if (out) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": cannot be written"));
}

}  // namespace

void WriteModelConfig(const ModelEntry& entry, std::ostream& out) {
  out << "name: " << Quoted(entry.name) << "\nbackend: " << Quoted(entry.backend)
      << "\nmax_batch_size: " << kMaxBatchSize << "\n";
  WriteTensor("input", entry.input, out);
  WriteTensor("output", entry.output, out);
  for (const auto& [key, value] : entry.parameters) {
    out << "parameters {\n  key: " << Quoted(key) << "\n  value { string_value: " << Quoted(value)
        << " }\n}\n";
  }
}

ModelStaging::ModelStaging(std::string repository, std::string folder)
    : repository_(std::move(repository)), folder_(std::move(folder)) {}

ModelStaging::ModelStaging(ModelStaging&& other) noexcept
    : repository_(std::move(other.repository_)),
      folder_(std::exchange(other.folder_, "")),
      names_(std::move(other.names_)) {}

ModelStaging::~ModelStaging() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

absl::StatusOr<ModelStaging> ModelStaging::Open(const std::string& repository) {
  std::error_code error;
  fs::create_directories(repository, error);
  if (error) return Failed(repository, error);
  const std::string folder = absl::StrCat(repository, "/.normbench-train-", getpid());
  fs::remove_all(folder, error);  // of a process that had this number and was killed
  if (error) return Failed(folder, error);
  fs::create_directory(folder, error);
  if (error) return Failed(folder, error);
  return ModelStaging(repository, folder);
}

std::string ModelStaging::Scratch(const std::string& file) const {
  return absl::StrCat(folder_, "/", file);
}

absl::Status ModelStaging::Add(const ModelEntry& entry, const std::string& weights) {
  const std::string folder = Scratch(entry.name);
  std::error_code error;
  fs::create_directories(absl::StrCat(folder, "/1"), error);
  if (error) return Failed(folder, error);
  if (!weights.empty()) {
    fs::copy_file(weights, absl::StrCat(folder, "/1/weights.pt"), error);
    if (error) return Failed(weights, error);
  }
  const absl::Status status = WriteConfigFile(entry, absl::StrCat(folder, "/config.pbtxt"));
  if (status.ok()) names_.push_back(entry.name);
  return status;
}

absl::Status ModelStaging::Publish() {
  for (const std::string& name : names_) {
    const std::string target = absl::StrCat(repository_, "/", name);
    std::error_code error;
    // A folder cannot be renamed over a full one: the old model steps aside first.
    const std::string replaced = Scratch(absl::StrCat("replaced-", name));
    fs::rename(target, replaced, error);
    if (error && error != std::errc::no_such_file_or_directory) return Failed(target, error);
    fs::rename(Scratch(name), target, error);
    if (!error) continue;
    // The old model comes back, or it would go with this object's folder.
    std::error_code ignored;
    fs::rename(replaced, target, ignored);
    return Failed(target, error);
  }
  return absl::OkStatus();
}

}  // namespace normbench
