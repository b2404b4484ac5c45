// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/planes.h"

#include "bench/norm/reference.h"

namespace normbench {

Plane PlaneAt(const NormSpec& spec, const Shape& shape, int64_t index) {
  const int64_t first = index * shape.spatial();
  const ElementPlace place = PlaceOf(spec, shape, first);
  return {.first = first,
          .group = place.group,
          .affine = place.affine,
          .affine_step = spec.affine == Affine::kElement ? 1 : 0};
}

}  // namespace normbench
