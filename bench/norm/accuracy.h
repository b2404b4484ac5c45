// SPDX-License-Identifier: Apache-2.0
// How far an answer is from the reference, in units that mean the same for every shape and scale.
// Definitions: NormAccuracy in proto/normbench/v1/measure.proto and bench/norm/README.md. How far
// it may be: bench/norm/error_bound.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bench/norm/reference.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

struct Accuracy {
  // max |y - r| / (u * max(|r|, rms of r over its group)). Infinite where r and its whole group are
  // zero and y is not. Elements that are not finite on either side do not take part.
  double err_scaled = 0;
  double max_abs = 0;
  std::optional<double> rel_l2;      // worst group; absent if every reference group is zero
  int64_t nonfinite_mismatches = 0;  // NaN or Inf on one side only, or Inf of another sign
  // Of the finite elements, the part that is not the value of a 16-bit dtype nearest to r; absent
  // for f32, where next to nothing is.
  std::optional<double> misrounded;
};

// Compares y, values in logical order, with `reference` element by element. An infinite y is right
// where r is beyond the dtype. Thread-safe. REQUIRES: equal sizes.
Accuracy Compare(const NormSpec& spec, const Shape& shape, DType dtype,
                 const ReferenceResult& reference, std::span<const float> y);

// The same for y as a kernel leaves it.
Accuracy ComparePacked(const NormSpec& spec, const Shape& shape, TensorFormat format,
                       const ReferenceResult& reference, const void* y);

// Memory that ComparePacked takes, in bytes.
int64_t CompareBytes(const NormSpec& spec, const Shape& shape, TensorFormat format);

// The worse of both in every field.
Accuracy Worse(const Accuracy& a, const Accuracy& b);

}  // namespace normbench
