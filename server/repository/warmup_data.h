// SPDX-License-Identifier: Apache-2.0
// The inputs of a sample of `model_warmup`: zeros, random values or a file, repeated to fill the
// batch.
#pragma once

#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/backends/model.h"

namespace normbench {

// A model takes and fills memory that is aligned like this.
struct alignas(64) Line {
  std::byte bytes[64];
};

struct WarmupData {
  std::vector<std::vector<Line>> memory;
  std::vector<TensorIn> inputs;  // in the order of the configuration, in `memory`
};

// `model` is the model's folder. The same random values at every call. Returns INVALID_ARGUMENT
// where a file is not there or has not exactly the bytes of the input, naming sample and input.
// REQUIRES: CheckWarmups accepted `config`, of which `warmup` is one.
absl::StatusOr<WarmupData> MakeWarmupData(const inference::ModelWarmup& warmup,
                                          const inference::ModelConfig& config,
                                          const std::filesystem::path& model);

}  // namespace normbench
