// SPDX-License-Identifier: Apache-2.0
// One tensor of a ModelInfer request against what the model takes. `field` is how messages call the
// tensor, for example "inputs[0] 'x'".
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Returns the number of elements, 1 to 2^31 - 1. INVALID_ARGUMENT names the dimension, its value
// and the allowed range: rank, dimensions, batch above max_batch_size, product.
absl::StatusOr<int64_t> CheckShape(const std::string& field, std::span<const int64_t> shape,
                                   const ModelSpec& model, const TensorSpec& tensor);

// Bytes of an output for a request of `batch` samples; 0 where a dimension is known only when it
// runs.
int64_t OutputBytes(const ModelSpec& model, const TensorSpec& tensor, int64_t batch);

}  // namespace normbench
