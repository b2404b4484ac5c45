// SPDX-License-Identifier: Apache-2.0
// dynamic_batching and instance_group of a model's configuration, checked, as rules for its queue.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/exec/batch_rules.h"

namespace normbench {

// Null where the configuration has neither: then requests run one by one on any worker. Returns
// INVALID_ARGUMENT naming field, value and what is allowed, also for what contradicts itself.
// REQUIRES: CheckInstanceGroups accepted `config`. Requests of a model with BYTES outputs are not
// joined: their rows have no size.
absl::StatusOr<std::shared_ptr<const BatchRules>> ReadBatchRules(
    const inference::ModelConfig& config);

}  // namespace normbench
