// SPDX-License-Identifier: Apache-2.0
// Whether the memory of a normalization is what it has to be.
#pragma once

#include "absl/status/status.h"
#include "server/kernels/native/native_norm.h"

namespace normbench {

// Returns INVALID_ARGUMENT naming the buffer that is missing or was given in vain, and the pair
// that overlaps where it must not: what is written may be exactly what is read element by element
// (x, residual), else it shares no byte with any other.
absl::Status CheckBuffers(const NativeProblem& problem, const NativeBuffers& buffers);

// Returns INVALID_ARGUMENT naming the buffer that is too small, its size and what it takes.
absl::Status CheckSizes(const NativeProblem& problem, const NativeBuffers& buffers,
                        const NativeSizes& sizes);

}  // namespace normbench
