// SPDX-License-Identifier: Apache-2.0
// The samples of `model_warmup`, run before a model serves.
#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "inference/model_config.pb.h"
#include "server/backends/model.h"

namespace normbench {

// Runs every sample, as often as it says, on the calling thread; `folder` is the model's. An output
// may have kMaxWarmupBytes. Returns INVALID_ARGUMENT with the name of the first that fails and what
// the model said. REQUIRES: CheckWarmups accepted `config`.
absl::Status RunWarmups(Model& model, const inference::ModelConfig& config,
                        const std::filesystem::path& folder);

}  // namespace normbench
