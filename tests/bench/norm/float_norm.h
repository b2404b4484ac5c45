// SPDX-License-Identifier: Apache-2.0
// A float32 normalization for the tests of the error bound: blocked sums and y = x * scale + bias,
// as the README assumes, and the mistakes that the bound has to find.
#pragma once

#include <vector>

#include "bench/norm/buffers.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"

namespace normbench {

enum class Mistake {
  kNone,
  kUnbiasedVariance,    // divides by length - 1
  kEpsOutsideRoot,      // 1 / (sqrt(variance) + eps)
  kNextGamma,           // gamma of the next channel
  kNeighbouringGroup,   // statistics of the next group
  kMeanSquareMinusMean  // E[x^2] - E[x]^2 in float32
};

std::vector<float> FloatNorm(const NormSpec& spec, const Shape& shape, const NormBuffers& in,
                             Mistake mistake = Mistake::kNone);

}  // namespace normbench
