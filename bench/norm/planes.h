// SPDX-License-Identifier: Apache-2.0
// A tensor as planes: the H * W elements of one sample and channel. They lie together and share one
// statistics group, so a loop over planes asks once a plane where its elements belong.
#pragma once

#include <cstdint>
#include <ranges>

#include "bench/norm/shape.h"
#include "bench/norm/spec.h"

namespace normbench {

// Elements first .. first + shape.spatial() - 1; the s-th has its gamma and beta at
// affine + s * affine_step (0 where there are none).
struct Plane {
  int64_t first = 0;
  int64_t group = 0;
  int64_t affine = 0;
  int64_t affine_step = 0;
};

// The `index`-th plane in memory order. REQUIRES: Validate(spec, shape).ok().
Plane PlaneAt(const NormSpec& spec, const Shape& shape, int64_t index);

// All planes in memory order, made one by one: where a plane is one element, a list of them would
// be larger than the tensor. `spec` and `shape` outlive what is returned. REQUIRES:
// Validate(spec, shape).ok().
inline auto Planes(const NormSpec& spec, const Shape& shape) {
  return std::views::iota(int64_t{0}, shape.n() * shape.channels()) |
         std::views::transform(
             [&spec, &shape](int64_t index) { return PlaneAt(spec, shape, index); });
}

}  // namespace normbench
