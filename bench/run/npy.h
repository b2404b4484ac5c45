// SPDX-License-Identifier: Apache-2.0
// Reads NumPy's .npy files, versions 1 and 2: the user's own tensors and labels for model cases.
// Tensors are little-endian float32 in C order; labels are int64, int32 or uint8. NaN and Inf pass.
// Format: numpy.lib.format, "NPY format". A file over the bound is refused before it is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct NpyTensor {
  std::vector<int64_t> shape;  // at least one dimension; the first one counts images
  std::vector<float> values;   // product of shape
};

inline constexpr int64_t kMaxNpyBytes = int64_t{4} << 30;

// Return NOT_FOUND (no such file) or INVALID_ARGUMENT (what is wrong with it, and what would be
// right).
absl::StatusOr<NpyTensor> ReadNpyTensor(const std::string& path, int64_t max_bytes = kMaxNpyBytes);
absl::StatusOr<std::vector<int32_t>> ReadNpyLabels(const std::string& path,
                                                   int64_t max_bytes = kMaxNpyBytes);

}  // namespace normbench
