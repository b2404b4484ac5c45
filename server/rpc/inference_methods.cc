// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_methods.h"

namespace normbench {
namespace {

constexpr std::string_view kNoCudaMemory =
    "CUDA shared memory is not offered; register system shared memory, or send the bytes";
constexpr std::string_view kNoControl =
    "models are loaded once, at start; change the repository and restart the server";

}  // namespace

const std::array<InferenceMethod, kInferenceMethods>& InferenceMethods() {
  static constexpr std::array<InferenceMethod, kInferenceMethods> kMethods = {{
      {"ServerLive", ""},
      {"ServerReady", ""},
      {"ModelReady", ""},
      {"ServerMetadata", ""},
      {"ModelMetadata", ""},
      {"ModelInfer", ""},
      {"ModelStreamInfer", ""},
      {"ModelConfig", ""},
      {"ModelStatistics", ""},
      {"RepositoryIndex", ""},
      {"RepositoryModelLoad", kNoControl},
      {"RepositoryModelUnload", kNoControl},
      {"SystemSharedMemoryStatus", ""},
      {"SystemSharedMemoryRegister", ""},
      {"SystemSharedMemoryUnregister", ""},
      {"CudaSharedMemoryStatus", kNoCudaMemory},
      {"CudaSharedMemoryRegister", kNoCudaMemory},
      {"CudaSharedMemoryUnregister", kNoCudaMemory},
      {"TraceSetting", "trace settings are not offered"},
      {"LogSettings", "log settings cannot be read or changed over the network"},
  }};
  return kMethods;
}

std::vector<std::string> InferenceRpcNames() {
  std::vector<std::string> names;
  for (const InferenceMethod& method : InferenceMethods()) names.emplace_back(method.name);
  return names;
}

}  // namespace normbench
