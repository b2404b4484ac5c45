// SPDX-License-Identifier: Apache-2.0
// Layer and RMS norm over the last `trailing` dimensions only, as transformers use them: the same
// as over everything that follows N in a tensor of another shape with the same bytes.
#pragma once

#include "absl/status/statusor.h"
#include "bench/norm/shape.h"
#include "bench/norm/tensor_format.h"
#include "bench/norm/words.h"

namespace normbench {

// Returns (product of the leading dimensions, the last `trailing`): for (8, 128, 768) and 1
// (1024, 768). 0 means all that follow N, and the shape as it is. INVALID_ARGUMENT naming
// field, value and allowed range for a norm that has no choice, and where the order of the bytes
// would not stay the same.
absl::StatusOr<Shape> OverTrailing(int trailing, Method method, Layout layout, const Shape& shape);

}  // namespace normbench
