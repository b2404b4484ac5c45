// SPDX-License-Identifier: Apache-2.0
// What `model_warmup` of a configuration must be: requests that the model could be sent, and not
// more work than a load may take.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "inference/model_config.pb.h"

namespace normbench {

inline constexpr int64_t kMaxWarmupRuns = 1000;               // of all samples together
inline constexpr int64_t kMaxWarmupBytes = int64_t{1} << 28;  // the inputs of one sample
inline constexpr const char* kWarmupFolder = "warmup";        // of the model's folder
inline constexpr int64_t kRandomStringBytes = 8;

// The samples of a batch, and the times it is run: 0 means 1.
int64_t WarmupBatch(const inference::ModelWarmup& warmup);
int64_t WarmupRuns(const inference::ModelWarmup& warmup);

// Returns INVALID_ARGUMENT naming the sample, the input and what is allowed. Files are not looked
// at. REQUIRES: the inputs of `config` have been checked.
absl::Status CheckWarmups(const inference::ModelConfig& config);

}  // namespace normbench
