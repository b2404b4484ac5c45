// SPDX-License-Identifier: Apache-2.0
// Which backend runs a model. Repositories made for other V2 servers name the one for TorchScript
// by its platform or by another word; they load as they are.
#pragma once

#include <string>

#include "inference/model_config.pb.h"

namespace normbench {

// Returns torchscript for backend "pytorch", and for platform "pytorch_libtorch" without a backend;
// else the configuration's backend, which may be unknown or empty.
std::string BackendName(const inference::ModelConfig& config);

}  // namespace normbench
