// SPDX-License-Identifier: Apache-2.0
#include "server/repository/model_loader.h"

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bench/norm/printable.h"
#include "server/repository/backend_name.h"
#include "server/repository/batching.h"
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
        absl::StrCat("folder ", Quoted(name), " is no model name; allowed: ", AllowedModelNames()));
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

absl::StatusOr<ModelLoader> ModelLoader::Open(const std::string& folder, const std::string& device,
                                              std::vector<std::unique_ptr<Backend>> backends) {
  if (folder.empty()) return ModelLoader({}, device, std::move(backends));
  std::error_code error;
  fs::path root = fs::canonical(folder, error);
  if (!error) return ModelLoader(std::move(root), device, std::move(backends));
  return absl::NotFoundError(
      absl::StrCat("model repository '", folder, "' cannot be opened: ", error.message()));
}

ModelLoader::ModelLoader(fs::path root, std::string device,
                         std::vector<std::unique_ptr<Backend>> backends)
    : root_(std::move(root)), device_(std::move(device)), backends_(std::move(backends)) {}

absl::StatusOr<std::set<std::string>> ModelLoader::Names() const {
  if (root_.empty()) return std::set<std::string>();
  return ListFolders(root_);
}

absl::StatusOr<FolderFingerprints> ModelLoader::Fingerprints() const {
  const auto names = Names();
  if (!names.ok()) return names.status();
  FolderFingerprints fingerprints;
  for (const std::string& name : *names) fingerprints[name] = FingerprintOf(root_ / name);
  return fingerprints;
}

LoadedFolder ModelLoader::Load(const std::string& name) const {
  const auto failed = [&](const absl::Status& why) {
    LoadedFolder folder;
    folder.status.push_back({.name = Printable(name), .reason = Reason(why)});
    return folder;
  };
  const auto config = ReadChecked(root_, name, BackendNames());
  if (!config.ok()) return failed(config.status());
  const auto versions =
      SelectVersions(config->version_policy(), ListVersions((root_ / name).string()));
  if (!versions.ok()) return failed(versions.status());
  const auto labels = ReadAllLabels(root_ / name, *config);
  if (!labels.ok()) return failed(labels.status());
  const auto batching = ReadBatchRules(*config);
  if (!batching.ok()) return failed(batching.status());
  LoadedFolder folder;
  for (const int64_t version : *versions) {
    LoadedModel loaded{.config = *config,
                       .spec = ToModelSpec(*config),
                       .model = nullptr,
                       .labels = *labels,
                       .batching = *batching};
    loaded.spec.version = version;
    LoadVersion(std::move(loaded), folder);
  }
  return folder;
}

void ModelLoader::LoadVersion(LoadedModel loaded, LoadedFolder& folder) const {
  const int64_t version = loaded.spec.version;
  loaded.spec.version_folder = (root_ / loaded.spec.name / std::to_string(version)).string();
  loaded.spec.device = device_;
  auto model = backend(loaded.spec.backend).Load(loaded.spec);
  folder.status.push_back(
      {.name = loaded.spec.name,
       .version = version,
       .ready = model.ok(),
       .reason = model.ok() ? UnusedSettings(loaded.config) : Reason(model.status())});
  if (!model.ok()) return;
  loaded.model = *std::move(model);
  AddMeasured(loaded);
  folder.versions[version] = std::make_shared<const LoadedModel>(std::move(loaded));
}

std::vector<std::string> ModelLoader::BackendNames() const {
  std::vector<std::string> names;
  for (const auto& backend : backends_) names.push_back(backend->name());
  return names;
}

Backend& ModelLoader::backend(const std::string& name) const {
  return **std::find_if(backends_.begin(), backends_.end(),
                        [&](const auto& backend) { return backend->name() == name; });
}

// It goes to callers: it must not tell where on this machine the repository is.
std::string ModelLoader::Reason(const absl::Status& status) const {
  const std::string text(status.message());
  return Printable(absl::StrReplaceAll(text, {{root_.string() + "/", ""}}));
}

}  // namespace normbench
