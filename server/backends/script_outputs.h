// SPDX-License-Identifier: Apache-2.0
// What forward() of a scripted module returned, as tensors. Includes torch; what it throws is for
// BehindTorchWall.
#pragma once

#include <torch/script.h>

#include <vector>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Returns the tensors of `value` in the order of `outputs`: a tensor, a tuple or list of tensors,
// or a dictionary with the outputs' names. INTERNAL for anything else, for an element that is no
// tensor (named by its place) or is missing (by its name).
absl::StatusOr<std::vector<at::Tensor>> ScriptOutputs(const c10::IValue& value,
                                                      const std::vector<TensorSpec>& outputs);

}  // namespace normbench
