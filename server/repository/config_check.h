// SPDX-License-Identifier: Apache-2.0
// What a model configuration must be before a backend sees it. Messages name the field, the value
// and the allowed range.
#pragma once

#include <span>
#include <string>

#include "absl/status/status.h"
#include "inference/model_config.pb.h"

namespace normbench {

inline constexpr int kMaxModelBatch = 65536;
inline constexpr int kMaxModelTensors = 64;
inline constexpr int kMaxTensorRank = 8;

// Returns INVALID_ARGUMENT for the first thing that is wrong or not offered. `folder` is the name
// of the model's folder; `backends` the names of those there are.
absl::Status CheckModelConfig(const inference::ModelConfig& config, const std::string& folder,
                              std::span<const std::string> backends);

// Returns a sentence about settings that are read but have no effect, `unknown` ones (ConfigFile)
// included, or "".
std::string UnusedSettings(const inference::ModelConfig& config,
                           std::span<const std::string> unknown = {});

}  // namespace normbench
