// SPDX-License-Identifier: Apache-2.0
// Reading config.pbtxt: protobuf text format. A field that this server does not know is left aside,
// since the file may be made for another one; but it is told of, since it may be a misspelt one.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"

namespace normbench {

// Longer files are refused.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;

// How many unknown fields are told of by name.
inline constexpr size_t kMaxUnknownFields = 8;

struct ConfigFile {
  inference::ModelConfig config;
  // What was left aside, in the order of the file: "unknown field 'max_batch_sise'
  // (config.pbtxt:2:15; nearest: max_batch_size)". The last one counts those that are too many.
  std::vector<std::string> unknown;
};

// Returns INVALID_ARGUMENT with up to three lines "config.pbtxt:LINE:COLUMN: what", and the unknown
// fields: text that follows one cannot always be told from what belongs to it.
absl::StatusOr<ConfigFile> ParseModelConfig(const std::string& text);

// Returns NOT_FOUND where `path` cannot be opened, else as above.
absl::StatusOr<ConfigFile> ReadModelConfig(const std::string& path);

}  // namespace normbench
