// SPDX-License-Identifier: Apache-2.0
// A folder of models: NAME/config.pbtxt and NAME/VERSION/. Loaded once at start, then read only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/backends/model.h"

namespace normbench {

// A version that serves. `config` is complete: name, platform and version_policy are filled in; so
// is, among its parameters and those of `spec`, memory_bytes where memory was measured:
// Model::MeasuredMemory() as "1=BYTES,2=BYTES", batch by batch.
struct LoadedModel {
  inference::ModelConfig config;
  ModelSpec spec;
  std::unique_ptr<Model> model;
  // What the classes of each output are called, in the order of spec.outputs; empty: not known.
  std::vector<std::vector<std::string>> labels;
};

// A line of RepositoryIndex.
struct ModelStatus {
  std::string name;
  int64_t version = 0;  // 0: failed before its versions were known
  bool ready = false;
  std::string reason;  // why not; where ready, which settings have no effect
};

// Thread-safe once loaded. Models live as long as the repository.
class ModelRepository {
 public:
  // Loads every model of `folder` ("" for none) on `device`, in the order of their names. A model
  // that cannot be loaded does not stop the others: index() says why. Hidden entries and plain
  // files are skipped. Returns NOT_FOUND if the folder itself cannot be read.
  static absl::StatusOr<std::unique_ptr<ModelRepository>> Load(
      const std::string& folder, const std::string& device,
      std::vector<std::unique_ptr<Backend>> backends);

  // `version` is a decimal number, or empty for the newest that serves. Returns NOT_FOUND naming
  // the nearest model or the versions there are, INVALID_ARGUMENT for what is no version;
  // UNAVAILABLE, with the reason, for one that failed to load. `name` and `version` may come from
  // anybody.
  absl::StatusOr<const LoadedModel*> Find(const std::string& name,
                                          const std::string& version) const;

  std::vector<int64_t> versions(const std::string& name) const;  // that serve, ascending
  std::vector<const LoadedModel*> models() const;                // that serve, by name and version
  const std::vector<ModelStatus>& index() const { return index_; }

 private:
  struct Source;  // one model folder while it is loaded

  void LoadModel(const Source& source);
  void LoadVersion(const Source& source, LoadedModel loaded);
  absl::Status WhyNot(const std::string& name, int64_t version) const;
  Backend& backend(const std::string& name) const;

  std::vector<std::unique_ptr<Backend>> backends_;  // outlive their models
  std::map<std::string, std::map<int64_t, LoadedModel>> models_;
  std::vector<ModelStatus> index_;
};

}  // namespace normbench
