// SPDX-License-Identifier: Apache-2.0
// The size of a reference answer, group by group: what its errors are measured against.
#pragma once

#include <vector>

#include "bench/norm/reference.h"

namespace normbench {

// Root mean square of reference.y over each statistics group, finite elements only; 0 where there
// are none. Thread-safe.
std::vector<double> GroupRms(const NormSpec& spec, const Shape& shape,
                             const ReferenceResult& reference);

}  // namespace normbench
