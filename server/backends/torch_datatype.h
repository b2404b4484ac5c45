// SPDX-License-Identifier: Apache-2.0
// The element types of V2 that LibTorch has, by their names on the wire. Includes torch.
#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/backends/model.h"

namespace normbench {

// Returns nothing for unsigned types of more than a byte, BYTES and unknown names.
std::optional<at::ScalarType> TorchTypeOf(std::string_view datatype);

// Returns INVALID_ARGUMENT naming the first tensor that has no such type; `what` is what these
// tensors are: input, output.
absl::Status CheckTorchTypes(const std::vector<TensorSpec>& tensors, std::string_view what);

}  // namespace normbench
