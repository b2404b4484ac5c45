// SPDX-License-Identifier: Apache-2.0
// From a folder of models to models: NAME/config.pbtxt and NAME/VERSION/, read, checked, completed
// and loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/backends/model.h"
#include "server/exec/batch_rules.h"
#include "server/repository/config_file.h"
#include "server/repository/fingerprint.h"

namespace normbench {

// A version that serves. `config` is complete: name, platform, version_policy and what the backend
// knows of tensors are filled in; so is, among its parameters and those of `spec`, memory_bytes
// where memory was measured: Model::MeasuredMemory() as "1=BYTES,2=BYTES", batch by batch.
struct LoadedModel {
  inference::ModelConfig config;
  ModelSpec spec;
  std::unique_ptr<Model> model;
  // What the classes of each output are called, in the order of spec.outputs; empty: not known.
  std::vector<std::vector<std::string>> labels;
  // How its requests wait and run together; null: one by one, on any worker.
  std::shared_ptr<const BatchRules> batching;
};

// Whoever holds one may use it, also after it was replaced or unloaded.
using ModelHandle = std::shared_ptr<const LoadedModel>;

// A line of RepositoryIndex.
struct ModelStatus {
  std::string name;
  int64_t version = 0;  // 0: failed before its versions were known, or not loaded
  bool ready = false;
  bool unloaded = false;  // nobody asked for it, or somebody asked for it to go
  std::string reason;     // why not; where ready, which settings have no effect
  double seconds = 0;     // that loading the version took, its warm-up with it
};

// What became of one folder: its versions that serve, and a line for each version that was tried.
struct LoadedFolder {
  std::map<int64_t, ModelHandle> versions;
  std::vector<ModelStatus> status;

  bool complete() const { return versions.size() == status.size(); }
};

// Thread-safe, if the backends are. Outlives the models.
class ModelLoader {
 public:
  // Opens `folder` ("" for none). Returns NOT_FOUND if it cannot be opened.
  // `here`: the devices that a model may ask for.
  static absl::StatusOr<ModelLoader> Open(const std::string& folder, const std::string& device,
                                          std::vector<std::unique_ptr<Backend>> backends,
                                          std::vector<std::string> here = {"cpu"});

  // What may be models, ascending; hidden entries and plain files are skipped. Returns NOT_FOUND if
  // the folder cannot be read.
  absl::StatusOr<std::set<std::string>> Names() const;

  // Of each of them. Returns NOT_FOUND as above.
  absl::StatusOr<FolderFingerprints> Fingerprints() const;

  // Reads and loads all versions that the configuration of `name` asks for.
  LoadedFolder Load(const std::string& name) const;

 private:
  ModelLoader(std::filesystem::path root, std::string device,
              std::vector<std::unique_ptr<Backend>> backends, std::vector<std::string> here);

  absl::StatusOr<ConfigFile> ReadChecked(const std::string& name) const;
  LoadedFolder ReadAndLoad(const std::string& name) const;
  void LoadVersion(LoadedModel loaded, const std::string& unused, LoadedFolder& folder) const;
  absl::StatusOr<std::unique_ptr<Model>> LoadWarm(const LoadedModel& loaded) const;
  std::vector<std::string> BackendNames() const;
  Backend* FindBackend(const std::string& name) const;
  std::string Reason(const absl::Status& status) const;

  std::filesystem::path root_;  // empty: no folder
  std::string device_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::vector<std::string> here_;
};

}  // namespace normbench
