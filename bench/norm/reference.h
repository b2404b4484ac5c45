// SPDX-License-Identifier: Apache-2.0
// The yardstick: normalization in float64 by plain loops in the order of the definition, sharing no
// code with any implementation that is measured against it.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/norm/buffers.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"

namespace normbench {

struct ReferenceResult {
  std::vector<double> y;     // shape.elements()
  std::vector<double> mean;  // Geometry().groups; zeros where there is none (HasMean)
  std::vector<double> rstd;  // Geometry().groups; ones where there is none (HasRstd)
};

// Computes in float64 from the float32 inputs in `in`, x in logical order (outputs of `in` are not
// touched). Thread-safe. REQUIRES: Validate(spec, shape).ok() and all inputs that spec needs.
ReferenceResult ReferenceNorm(const NormSpec& spec, const Shape& shape, const NormBuffers& in);

// The most memory that ReferenceNorm has allocated at any moment, its result included; in bytes.
int64_t ReferenceBytes(const NormSpec& spec, const Shape& shape);

// Which statistics group element i belongs to, and its index into gamma and beta (0 where none).
struct ElementPlace {
  int64_t group = 0;
  int64_t affine = 0;
};
ElementPlace PlaceOf(const NormSpec& spec, const Shape& shape, int64_t element);

}  // namespace normbench
