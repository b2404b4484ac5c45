// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/group_rms.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bench/norm/planes.h"

namespace normbench {

std::vector<double> GroupRms(const NormSpec& spec, const Shape& shape,
                             const ReferenceResult& reference) {
  const int64_t groups = Geometry(spec, shape).groups;
  std::vector<double> squares(groups);
  std::vector<int64_t> counts(groups);
  for (const Plane plane : Planes(spec, shape)) {
    for (int64_t i = plane.first; i < plane.first + shape.spatial(); ++i) {
      if (!std::isfinite(reference.y[i])) continue;
      squares[plane.group] += reference.y[i] * reference.y[i];
      ++counts[plane.group];
    }
  }
  for (int64_t g = 0; g < groups; ++g) {
    squares[g] = std::sqrt(squares[g] / std::max<int64_t>(counts[g], 1));
  }
  return squares;
}

}  // namespace normbench
