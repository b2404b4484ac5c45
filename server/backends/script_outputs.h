// SPDX-License-Identifier: Apache-2.0
// What forward() of a scripted module returned, against what the configuration says of it. Includes
// torch; what it throws is for BehindTorchWall.
#pragma once

#include <torch/script.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Returns the tensors of `value` in the order of `outputs`: a tensor, a tuple or list of tensors,
// or a dictionary with the outputs' names. INTERNAL for anything else, for an element that is no
// tensor (named by its place) or is missing (by its name), and for another number of them.
absl::StatusOr<std::vector<at::Tensor>> ScriptOutputs(const c10::IValue& value,
                                                      const std::vector<TensorSpec>& outputs);

// Returns INTERNAL unless `tensor` has the type and shape of `wanted`; `batch` of 0: there is no
// batch dimension.
absl::Status CheckScriptOutput(const at::Tensor& tensor, const TensorSpec& wanted, int64_t batch);

}  // namespace normbench
