// SPDX-License-Identifier: Apache-2.0
// On which device a model runs: what its instance groups ask for, of what this machine has. All of
// a model is on one device.
#pragma once

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"

namespace normbench {

inline constexpr int kMaxInstances = 64;

// Returns INVALID_ARGUMENT for groups that contradict themselves or ask for too many instances.
absl::Status CheckInstanceGroups(const inference::ModelConfig& config);

// Returns cpu or cuda:N: `own`, the server's device, where `config` leaves it open. `here`: the
// devices of this machine. FAILED_PRECONDITION for one that is not here, INVALID_ARGUMENT where
// groups ask for several. REQUIRES: CheckInstanceGroups accepted `config`.
absl::StatusOr<std::string> PlaceModel(const inference::ModelConfig& config, const std::string& own,
                                       std::span<const std::string> here);

}  // namespace normbench
