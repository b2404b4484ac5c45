// SPDX-License-Identifier: Apache-2.0
// What the bytes of a tensor mean: the type of an element and the order of the elements in memory.
// Everything that is exact (generated data, the reference, comparisons) has float32 values in
// logical order, N, C, then the rest; only kernels and the wire see packed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "bench/norm/shape.h"
#include "bench/norm/words.h"

namespace normbench {

struct TensorFormat {
  DType dtype = DType::kF32;
  Layout layout = Layout::kNchw;

  bool operator==(const TensorFormat&) const = default;
};

// Returns INVALID_ARGUMENT naming the pair where `shape` cannot have that layout: with nhwc C is
// innermost, which says nothing of rank 2.
absl::Status Validate(TensorFormat format, const Shape& shape);

// True where packed bytes are the values as they are.
inline bool IsPlain(TensorFormat format) {
  return format == TensorFormat{};
}

int64_t PackedBytes(TensorFormat format, const Shape& shape);

// The value of `dtype` nearest to `value`, ties to even: one rounding, however `value` came about.
double RoundTo(DType dtype, double value);

// Writes values[i], i in logical order, to its place in `bytes`, rounded once to the dtype.
// REQUIRES: values.size() == shape.elements(), PackedBytes(format, shape) bytes at `bytes`,
// Validate(format, shape).ok().
void Pack(TensorFormat format, const Shape& shape, std::span<const float> values, void* bytes);
void Pack(TensorFormat format, const Shape& shape, std::span<const double> values, void* bytes);

// The inverse of Pack; exact.
void Unpack(TensorFormat format, const Shape& shape, const void* bytes, std::span<float> values);

}  // namespace normbench
