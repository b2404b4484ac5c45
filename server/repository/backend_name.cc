// SPDX-License-Identifier: Apache-2.0
#include "server/repository/backend_name.h"

namespace normbench {

std::string BackendName(const inference::ModelConfig& config) {
  const bool by_platform = config.backend().empty() && config.platform() == "pytorch_libtorch";
  return by_platform || config.backend() == "pytorch" ? "torchscript" : config.backend();
}

}  // namespace normbench
