// SPDX-License-Identifier: Apache-2.0
#include "server/repository/model_loader.h"

#include <chrono>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bench/norm/printable.h"
#include "server/exec/guarded.h"
#include "server/repository/backend_name.h"
#include "server/repository/batching.h"
#include "server/repository/config_check.h"
#include "server/repository/config_completion.h"
#include "server/repository/containment.h"
#include "server/repository/labels.h"
#include "server/repository/model_spec.h"
#include "server/repository/naming.h"
#include "server/repository/placement.h"
#include "server/repository/versions.h"
#include "server/repository/warmup_run.h"

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

absl::StatusOr<ConfigFile> ReadContained(const fs::path& root, const std::string& name) {
  if (!IsModelName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("folder ", Quoted(name), " is no model name; allowed: ", AllowedModelNames()));
  }
  if (absl::Status status = CheckContained(root, root / name); !status.ok()) return status;
  return ReadModelConfig((root / name / "config.pbtxt").string());
}

void SetDefaults(const std::string& name, inference::ModelConfig& config) {
  config.set_name(name);
  if (config.backend().empty()) config.set_backend(BackendName(config));
  if (config.platform().empty()) config.set_platform(absl::StrCat("normbench_", config.backend()));
  auto& policy = *config.mutable_version_policy();
  if (policy.policy_choice_case() == inference::ModelVersionPolicy::POLICY_CHOICE_NOT_SET) {
    policy.mutable_latest()->set_num_versions(1);
  }
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
                                              std::vector<std::unique_ptr<Backend>> backends,
                                              std::vector<std::string> here) {
  if (folder.empty()) return ModelLoader({}, device, std::move(backends), std::move(here));
  std::error_code error;
  fs::path root = fs::canonical(folder, error);
  if (!error) return ModelLoader(std::move(root), device, std::move(backends), std::move(here));
  return absl::NotFoundError(
      absl::StrCat("model repository '", folder, "' cannot be opened: ", error.message()));
}

ModelLoader::ModelLoader(fs::path root, std::string device,
                         std::vector<std::unique_ptr<Backend>> backends,
                         std::vector<std::string> here)
    : root_(std::move(root)),
      device_(std::move(device)),
      backends_(std::move(backends)),
      here_(std::move(here)) {}

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

// On threads of ours a load that asks for too much memory must not end the server.
LoadedFolder ModelLoader::Load(const std::string& name) const {
  LoadedFolder folder;
  const absl::Status status = Guarded([&] {
    folder = ReadAndLoad(name);
    return absl::OkStatus();
  });
  if (status.ok()) return folder;
  folder = LoadedFolder();
  folder.status.push_back({.name = Printable(name), .reason = Reason(status)});
  return folder;
}

LoadedFolder ModelLoader::ReadAndLoad(const std::string& name) const {
  const auto failed = [&](const absl::Status& why) {
    LoadedFolder folder;
    folder.status.push_back({.name = Printable(name), .reason = Reason(why)});
    return folder;
  };
  const auto file = ReadChecked(name);
  if (!file.ok()) return failed(file.status());
  const inference::ModelConfig& config = file->config;
  const auto versions =
      SelectVersions(config.version_policy(), ListVersions((root_ / name).string()));
  if (!versions.ok()) return failed(versions.status());
  const auto labels = ReadAllLabels(root_ / name, config);
  if (!labels.ok()) return failed(labels.status());
  const auto device = PlaceModel(config, device_, here_);
  if (!device.ok()) return failed(device.status());
  const auto batching = ReadBatchRules(config);
  if (!batching.ok()) return failed(batching.status());
  LoadedFolder folder;
  for (const int64_t version : *versions) {
    LoadedModel loaded{.config = config,
                       .spec = ToModelSpec(config),
                       .model = nullptr,
                       .labels = *labels,
                       .batching = *batching};
    loaded.spec.version = version;
    loaded.spec.device = *device;
    LoadVersion(std::move(loaded), UnusedSettings(config, file->unknown), folder);
  }
  return folder;
}

absl::StatusOr<ConfigFile> ModelLoader::ReadChecked(const std::string& name) const {
  auto file = ReadContained(root_, name);
  if (!file.ok()) return file.status();
  absl::Status status;
  // One that is not known is refused below.
  if (const Backend* backend = FindBackend(BackendName(file->config)); backend != nullptr) {
    status = CompleteConfig(*backend, file->config);
  }
  if (status.ok()) status = CheckModelConfig(file->config, name, BackendNames());
  if (!status.ok()) return status;
  SetDefaults(name, file->config);
  return file;
}

void ModelLoader::LoadVersion(LoadedModel loaded, const std::string& unused,
                              LoadedFolder& folder) const {
  const int64_t version = loaded.spec.version;
  loaded.spec.version_folder = (root_ / loaded.spec.name / std::to_string(version)).string();
  const auto begun = std::chrono::steady_clock::now();
  auto model = LoadWarm(loaded);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  folder.status.push_back({.name = loaded.spec.name,
                           .version = version,
                           .ready = model.ok(),
                           .reason = model.ok() ? unused : Reason(model.status()),
                           .seconds = taken.count()});
  if (!model.ok()) return;
  loaded.model = *std::move(model);
  AddMeasured(loaded);
  folder.versions[version] = std::make_shared<const LoadedModel>(std::move(loaded));
}

absl::StatusOr<std::unique_ptr<Model>> ModelLoader::LoadWarm(const LoadedModel& loaded) const {
  auto model = FindBackend(loaded.spec.backend)->Load(loaded.spec);
  if (!model.ok()) return model;
  absl::Status status = RunWarmups(**model, loaded.config, root_ / loaded.spec.name);
  if (!status.ok()) return status;
  return model;
}

std::vector<std::string> ModelLoader::BackendNames() const {
  std::vector<std::string> names;
  for (const auto& backend : backends_) names.push_back(backend->name());
  return names;
}

// Null: there is none of that name.
Backend* ModelLoader::FindBackend(const std::string& name) const {
  for (const auto& backend : backends_) {
    if (backend->name() == name) return backend.get();
  }
  return nullptr;
}

// It goes to callers: it must not tell where on this machine the repository is.
std::string ModelLoader::Reason(const absl::Status& status) const {
  const std::string text(status.message());
  return Printable(absl::StrReplaceAll(text, {{root_.string() + "/", ""}}));
}

}  // namespace normbench
