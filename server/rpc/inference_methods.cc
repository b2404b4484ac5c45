// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_methods.h"

namespace normbench {
namespace {

constexpr std::string_view kNoCudaMemory =
    "CUDA shared memory is not offered; register system shared memory, or send the bytes";

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
      {"RepositoryModelLoad", ""},
      {"RepositoryModelUnload", ""},
      {"SystemSharedMemoryStatus", ""},
      {"SystemSharedMemoryRegister", ""},
      {"SystemSharedMemoryUnregister", ""},
      {"CudaSharedMemoryStatus", kNoCudaMemory},
      {"CudaSharedMemoryRegister", kNoCudaMemory},
      {"CudaSharedMemoryUnregister", kNoCudaMemory},
      {"TraceSetting", ""},
      {"LogSettings", ""},
  }};
  return kMethods;
}

std::vector<std::string> InferenceRpcNames() {
  std::vector<std::string> names;
  for (const InferenceMethod& method : InferenceMethods()) names.emplace_back(method.name);
  return names;
}

}  // namespace normbench
