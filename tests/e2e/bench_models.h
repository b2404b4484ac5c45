// SPDX-License-Identifier: Apache-2.0
// The models that rpc_bench compares, beside those that it makes itself.
#pragma once

#include <filesystem>

namespace normbench {

// Makes FOLDER/bench, a model repository: group_norm, a TorchScript module of nothing but the group
// norm of 64x56x56; network and network_joined, `weights` without and with dynamic batching.
void WriteBenchModels(const std::filesystem::path& weights, const std::filesystem::path& folder);

}  // namespace normbench
