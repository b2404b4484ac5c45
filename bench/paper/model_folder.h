// SPDX-License-Identifier: Apache-2.0
// A model repository as the trainer writes it: NAME/config.pbtxt in the text format of the
// published V2 ModelConfig message, and NAME/1/. Models are built in a hidden folder inside the
// repository and moved to their names when all are complete, so a reader never meets half a model
// and an interrupted training leaves nothing behind.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

struct ModelTensor {
  std::string name;
  std::vector<int64_t> dims;  // without the batch dimension; -1: any
};

// A model with one FP32 input and one FP32 output.
struct ModelEntry {
  std::string name;
  std::string backend;
  ModelTensor input;
  ModelTensor output;
  std::map<std::string, std::string> parameters;
};

// Writes config.pbtxt. Names and values need no quoting beyond " and backslash.
void WriteModelConfig(const ModelEntry& entry, std::ostream& out);

// Models on their way into a repository. One thread at a time.
class ModelStaging {
 public:
  // Creates `repository` if need be, and the hidden folder. Returns FAILED_PRECONDITION naming the
  // folder and why it cannot be written.
  static absl::StatusOr<ModelStaging> Open(const std::string& repository);

  ModelStaging(ModelStaging&& other) noexcept;
  ModelStaging& operator=(ModelStaging&&) = delete;
  ~ModelStaging();  // removes the hidden folder with what was not published

  // The path for weights that no model has yet.
  std::string Scratch(const std::string& file) const;

  // Puts a model's configuration, and the file `weights` if not empty as its version 1, in place.
  absl::Status Add(const ModelEntry& entry, const std::string& weights);

  // Moves every added model to its name, replacing one of that name; other models stay as they are.
  absl::Status Publish();

 private:
  ModelStaging(std::string repository, std::string folder);

  std::string repository_;
  std::string folder_;  // empty: moved from
  std::vector<std::string> names_;
};

}  // namespace normbench
