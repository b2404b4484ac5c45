// SPDX-License-Identifier: Apache-2.0
// The methods of inference.GRPCInferenceService: which are served, and what the others answer.
// gRPC's own answer to a method nobody wrote is UNIMPLEMENTED without a text, which V2 clients take
// for success.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace normbench {

// In the order of the .proto, which is that of InferenceMethods().
enum class V2Method {
  kServerLive,
  kServerReady,
  kModelReady,
  kServerMetadata,
  kModelMetadata,
  kModelInfer,
  kModelStreamInfer,
  kModelConfig,
  kModelStatistics,
  kRepositoryIndex,
  kRepositoryModelLoad,
  kRepositoryModelUnload,
  kSystemSharedMemoryStatus,
  kSystemSharedMemoryRegister,
  kSystemSharedMemoryUnregister,
  kCudaSharedMemoryStatus,
  kCudaSharedMemoryRegister,
  kCudaSharedMemoryUnregister,
  kTraceSetting,
  kLogSettings,
};

struct InferenceMethod {
  std::string_view name;
  std::string_view refusal;  // the sentence of UNIMPLEMENTED; empty: served
};

inline constexpr int kInferenceMethods = 20;

const std::array<InferenceMethod, kInferenceMethods>& InferenceMethods();

// Their names, for ServerMetrics::Options::rpcs.
std::vector<std::string> InferenceRpcNames();

}  // namespace normbench
