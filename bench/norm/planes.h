// SPDX-License-Identifier: Apache-2.0
// A tensor as planes: the H * W elements of one sample and channel. They lie together and share one
// statistics group, so a loop over planes asks once a plane where its elements belong.
#pragma once

#include <cstdint>
#include <vector>

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

// All planes in memory order. REQUIRES: Validate(spec, shape).ok().
std::vector<Plane> Planes(const NormSpec& spec, const Shape& shape);

}  // namespace normbench
