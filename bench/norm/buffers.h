// SPDX-License-Identifier: Apache-2.0
// The memory of one normalization, owned by the caller and contiguous. x and y have the dtype and
// layout that their user was told of (a kernel's plan; f32 in logical order for the reference); the
// rest is f32, row-major.
#pragma once

namespace normbench {

struct NormBuffers {
  const void* x = nullptr;          // shape.elements()
  const float* gamma = nullptr;     // AffineElements(spec, shape), or null: 1
  const float* beta = nullptr;      // as gamma; null: 0. Both or neither, but where it is said.
  const float* mean = nullptr;      // (C), where TakesStatistics(spec) only
  const float* variance = nullptr;  // (C), likewise
  void* y = nullptr;                // shape.elements(); must not overlap x
  // Geometry().groups each, or null: not wanted. Only what HasMean and HasRstd say there is.
  float* mean_out = nullptr;
  float* rstd_out = nullptr;
};

}  // namespace normbench
