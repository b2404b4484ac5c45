// SPDX-License-Identifier: Apache-2.0
// Published settings that this server does not act on. Where answers are the same without them they
// are left aside, and named; the others are refused.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "inference/model_config.pb.h"

namespace normbench {

// Returns INVALID_ARGUMENT for the first setting without which answers would be others.
absl::Status CheckOffered(const inference::ModelConfig& config);

// Returns the names of the settings that are set and have no effect.
std::vector<std::string> IgnoredSettings(const inference::ModelConfig& config);

}  // namespace normbench
