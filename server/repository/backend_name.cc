// SPDX-License-Identifier: Apache-2.0
#include "server/repository/backend_name.h"

namespace normbench {

std::string BackendName(const inference::ModelConfig& config) {
  const bool pytorch = config.backend() == "pytorch";
  if (!pytorch && !config.backend().empty()) return config.backend();
  if (config.platform() == "torch_aoti") return "aoti";
  return pytorch || config.platform() == "pytorch_libtorch" ? "torchscript" : "";
}

}  // namespace normbench
