// SPDX-License-Identifier: Apache-2.0
// Reading config.pbtxt: protobuf text format, strict. A field that normbench does not know is an
// error, since a setting that is silently dropped is a model that behaves otherwise than its owner
// wrote.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"

namespace normbench {

// Longer files are refused.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;

// Returns INVALID_ARGUMENT with up to three lines "config.pbtxt:LINE:COLUMN: what", the nearest
// field named where one is misspelt.
absl::StatusOr<inference::ModelConfig> ParseModelConfig(const std::string& text);

// Returns NOT_FOUND where `path` cannot be opened, else as above.
absl::StatusOr<inference::ModelConfig> ReadModelConfig(const std::string& path);

}  // namespace normbench
