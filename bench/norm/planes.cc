// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/planes.h"

#include "bench/norm/reference.h"

namespace normbench {

std::vector<Plane> Planes(const NormSpec& spec, const Shape& shape) {
  std::vector<Plane> planes(shape.n() * shape.channels());
  for (size_t i = 0; i < planes.size(); ++i) {
    const int64_t first = static_cast<int64_t>(i) * shape.spatial();
    const ElementPlace place = PlaceOf(spec, shape, first);
    planes[i] = {.first = first,
                 .group = place.group,
                 .affine = place.affine,
                 .affine_step = spec.affine == Affine::kElement ? 1 : 0};
  }
  return planes;
}

}  // namespace normbench
