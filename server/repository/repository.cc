// SPDX-License-Identifier: Apache-2.0
#include "server/repository/repository.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bench/norm/printable.h"
#include "server/repository/backend_name.h"
#include "server/repository/config_check.h"
#include "server/repository/config_file.h"
#include "server/repository/containment.h"
#include "server/repository/labels.h"
#include "server/repository/model_spec.h"
#include "server/repository/naming.h"
#include "server/repository/versions.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMemory = "memory_bytes";

// The names of what may be models, ascending.
absl::StatusOr<std::set<std::string>> ListFolders(const fs::path& root) {
  std::set<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(root, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code kind_error;
    // A link that leads nowhere is listed, to be refused by name.
    if (name[0] != '.' && (entry->is_directory(kind_error) || entry->is_symlink(kind_error))) {
      names.insert(name);
    }
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("model repository '", root.string(), "' cannot be read: ", error.message()));
  }
  return names;
}

absl::StatusOr<inference::ModelConfig> ReadChecked(const fs::path& root, const std::string& name,
                                                   std::span<const std::string> backends) {
  if (!IsModelName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("folder ", Quoted(name), " is no model name; allowed: 1 to ", kMaxNameLength,
                     " of A-Z a-z 0-9 . _ - and no leading dot"));
  }
  if (absl::Status status = CheckContained(root, root / name); !status.ok()) return status;
  auto config = ReadModelConfig((root / name / "config.pbtxt").string());
  if (!config.ok()) return config.status();
  if (absl::Status status = CheckModelConfig(*config, name, backends); !status.ok()) return status;
  config->set_name(name);
  if (config->backend().empty()) config->set_backend(BackendName(*config));
  if (config->platform().empty())
    config->set_platform(absl::StrCat("normbench_", config->backend()));
  auto& policy = *config->mutable_version_policy();
  if (policy.policy_choice_case() == inference::ModelVersionPolicy::POLICY_CHOICE_NOT_SET) {
    policy.mutable_latest()->set_num_versions(1);
  }
  return config;
}

absl::StatusOr<std::vector<std::vector<std::string>>> ReadAllLabels(
    const fs::path& model, const inference::ModelConfig& config) {
  std::vector<std::vector<std::string>> all;
  for (const inference::ModelOutput& output : config.output()) {
    all.emplace_back();
    const std::string& file = output.label_filename();
    if (file.empty()) continue;
    auto labels = ReadLabels((model / file).string(), file);
    if (labels.ok()) {
      all.back() = *std::move(labels);
      continue;
    }
    return absl::Status(labels.status().code(),
                        absl::StrCat("config.pbtxt: output ", Quoted(output.name()), ".",
                                     labels.status().message()));
  }
  return all;
}

// Clients set a model's memory beside its latency: they find it among its parameters.
void AddMeasured(LoadedModel& loaded) {
  const std::vector<MemoryPoint> points = loaded.model->MeasuredMemory();
  if (points.empty()) return;
  const std::string text =
      absl::StrJoin(points, ",", [](std::string* out, const MemoryPoint& point) {
        absl::StrAppend(out, point.batch, "=", point.bytes);
      });
  loaded.spec.parameters[kMemory] = text;
  (*loaded.config.mutable_parameters())[kMemory].set_string_value(text);
}

}  // namespace

struct ModelRepository::Source {
  fs::path root;
  std::string name;
  std::string device;

  // A reason goes to callers: it must not tell where on this machine the repository is.
  std::string Reason(const absl::Status& status) const {
    const std::string text(status.message());
    return Printable(absl::StrReplaceAll(text, {{root.string() + "/", ""}}));
  }
};

absl::StatusOr<std::unique_ptr<ModelRepository>> ModelRepository::Load(
    const std::string& folder, const std::string& device,
    std::vector<std::unique_ptr<Backend>> backends) {
  auto repository = std::make_unique<ModelRepository>();
  repository->backends_ = std::move(backends);
  if (folder.empty()) return repository;
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("model repository '", folder, "' cannot be opened: ", error.message()));
  }
  const auto names = ListFolders(root);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    repository->LoadModel({.root = root, .name = name, .device = device});
  }
  return repository;
}

void ModelRepository::LoadModel(const Source& source) {
  const auto fail = [&](const absl::Status& why) {
    index_.push_back({.name = Printable(source.name),
                      .version = 0,
                      .ready = false,
                      .reason = source.Reason(why)});
  };
  std::vector<std::string> backend_names;
  for (const auto& backend : backends_) backend_names.push_back(backend->name());
  const auto config = ReadChecked(source.root, source.name, backend_names);
  if (!config.ok()) return fail(config.status());
  const auto versions =
      SelectVersions(config->version_policy(), ListVersions((source.root / source.name).string()));
  if (!versions.ok()) return fail(versions.status());
  const auto labels = ReadAllLabels(source.root / source.name, *config);
  if (!labels.ok()) return fail(labels.status());
  for (const int64_t version : *versions) {
    LoadedModel loaded{
        .config = *config, .spec = ToModelSpec(*config), .model = nullptr, .labels = *labels};
    loaded.spec.version = version;
    LoadVersion(source, std::move(loaded));
  }
}

void ModelRepository::LoadVersion(const Source& source, LoadedModel loaded) {
  const int64_t version = loaded.spec.version;
  loaded.spec.version_folder = (source.root / source.name / std::to_string(version)).string();
  loaded.spec.device = source.device;
  auto model = backend(loaded.spec.backend).Load(loaded.spec);
  ModelStatus status{.name = source.name, .version = version, .ready = model.ok(), .reason = ""};
  status.reason = model.ok() ? UnusedSettings(loaded.config) : source.Reason(model.status());
  index_.push_back(std::move(status));
  if (!model.ok()) return;
  loaded.model = *std::move(model);
  AddMeasured(loaded);
  models_[source.name].emplace(version, std::move(loaded));
}

Backend& ModelRepository::backend(const std::string& name) const {
  return **std::find_if(backends_.begin(), backends_.end(),
                        [&](const auto& backend) { return backend->name() == name; });
}

absl::StatusOr<const LoadedModel*> ModelRepository::Find(const std::string& name,
                                                         const std::string& version) const {
  int64_t number = 0;  // the newest
  if (!version.empty()) {
    const auto parsed = ParseVersion(version);
    if (!parsed) {
      return absl::InvalidArgumentError(absl::StrCat("model_version: ", Quoted(version),
                                                     "; allowed: a decimal number >= 1, or empty"));
    }
    number = *parsed;
  }
  const auto model = models_.find(name);
  if (model == models_.end()) return WhyNot(name, number);
  if (number == 0) return &model->second.rbegin()->second;
  const auto loaded = model->second.find(number);
  if (loaded == model->second.end()) return WhyNot(name, number);
  return &loaded->second;
}

absl::Status ModelRepository::WhyNot(const std::string& name, int64_t version) const {
  std::vector<std::string> names;
  for (const ModelStatus& status : index_) {
    names.push_back(status.name);
    // Either failed as a whole, or in the version asked for, or in all where the newest was.
    const bool meant = version == 0 || status.version == 0 || status.version == version;
    if (status.name == name && !status.ready && meant) {
      return absl::UnavailableError(
          absl::StrCat("model_name: '", name, "' failed to load: ", status.reason));
    }
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    const std::string serving = absl::StrJoin(versions(name), ", ");
    return absl::NotFoundError(
        absl::StrCat("model_version: ", version, " of '", name,
                     "' is not served; there are: ", serving.empty() ? "none" : serving));
  }
  return absl::NotFoundError(
      absl::StrCat("model_name: unknown ", Quoted(name), NearestNote(name, names)));
}

std::vector<int64_t> ModelRepository::versions(const std::string& name) const {
  std::vector<int64_t> numbers;
  if (const auto model = models_.find(name); model != models_.end()) {
    for (const auto& [number, loaded] : model->second) numbers.push_back(number);
  }
  return numbers;
}

std::vector<const LoadedModel*> ModelRepository::models() const {
  std::vector<const LoadedModel*> all;
  for (const auto& [name, by_version] : models_) {
    for (const auto& [number, loaded] : by_version) all.push_back(&loaded);
  }
  return all;
}

}  // namespace normbench
