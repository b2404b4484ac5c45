// SPDX-License-Identifier: Apache-2.0
// From a checked configuration to what a backend loads: the same facts without protobuf.
#pragma once

#include "inference/model_config.pb.h"
#include "server/backends/model.h"

namespace normbench {

// Returns a spec without version, version_folder and device: those are the caller's.
// REQUIRES: CheckModelConfig accepted `config`.
ModelSpec ToModelSpec(const inference::ModelConfig& config);

}  // namespace normbench
