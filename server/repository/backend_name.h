// SPDX-License-Identifier: Apache-2.0
// Which backend runs a model. Repositories made for other V2 servers name those of LibTorch by
// their platform or by another word; they load as they are.
#pragma once

#include <string>

#include "inference/model_config.pb.h"

namespace normbench {

// Returns the configuration's backend, which may be unknown or empty. Where it is "pytorch" or
// none: aoti for platform "torch_aoti", torchscript for "pytorch_libtorch" and for backend
// "pytorch".
std::string BackendName(const inference::ModelConfig& config);

}  // namespace normbench
