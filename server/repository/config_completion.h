// SPDX-License-Identifier: Apache-2.0
// What a configuration leaves out and its backend knows.
#pragma once

#include "absl/status/status.h"
#include "inference/model_config.pb.h"
#include "server/backends/model.h"

namespace normbench {

// Fills in inputs, outputs and max_batch_size where inputs or outputs are left out and `backend`
// knows them; what is given stays. Returns INVALID_ARGUMENT with what the backend says.
absl::Status CompleteConfig(const Backend& backend, inference::ModelConfig& config);

}  // namespace normbench
