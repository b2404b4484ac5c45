// SPDX-License-Identifier: Apache-2.0
// The memory of one normalization, owned by the caller. Everything is row-major and contiguous.
#pragma once

namespace normbench {

struct NormBuffers {
  const float* x = nullptr;         // shape.elements()
  const float* gamma = nullptr;     // AffineElements(spec, shape), or null: 1
  const float* beta = nullptr;      // as gamma; null: 0. Both or neither.
  const float* mean = nullptr;      // (C), batch norm with running statistics only
  const float* variance = nullptr;  // (C), likewise
  float* y = nullptr;               // shape.elements(); must not overlap x
  float* mean_out = nullptr;        // Geometry().groups, or null: not wanted. Never for RMS norm.
  float* rstd_out = nullptr;        // Geometry().groups, or null: not wanted
};

}  // namespace normbench
