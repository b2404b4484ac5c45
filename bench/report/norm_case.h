// SPDX-License-Identifier: Apache-2.0
// A NormCase in the types of bench/norm: what server, client and sweep expansion compute with.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "bench/norm/generator.h"
#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"
#include "normbench/v1/measure.pb.h"

namespace normbench {

struct NormProblem {
  NormSpec spec;
  Shape shape;  // what the statistics are of: see OverTrailing
  TensorFormat format;
  Distribution distribution = Distribution::kNormal;
  uint64_t seed = 1;
};

// Fills in the defaults of measure.proto and validates spec against shape.
// Returns INVALID_ARGUMENT naming the field, its value and the allowed range.
absl::StatusOr<NormProblem> ToNormProblem(const v1::NormCase& norm_case);

}  // namespace normbench
