// SPDX-License-Identifier: Apache-2.0
// A model whose module has its tensors in another order than its configuration. Needs no torch
// header.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Where the module has each tensor of the configuration.
struct TensorOrder {
  std::vector<size_t> inputs, outputs;
};

// As PositionsOf; `arguments` are the names of the module's, where it tells them.
absl::StatusOr<TensorOrder> OrderOf(const ModelSpec& spec,
                                    std::span<const std::string> arguments = {});

// Returns `spec` with its tensors as the module has them.
ModelSpec InOrder(ModelSpec spec, const TensorOrder& order);

// Returns `model`, loaded with InOrder(spec, order), to be called as `spec` says.
std::unique_ptr<Model> Reordered(std::unique_ptr<Model> model, const TensorOrder& order);

}  // namespace normbench
