// SPDX-License-Identifier: Apache-2.0
// How far an answer is from the reference, and how far it may be. Definitions: NormAccuracy in
// proto/normbench/v1/benchmark.proto; derivation of the bound: bench/norm/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bench/norm/reference.h"

namespace normbench {

struct Accuracy {
  double err_scaled = 0;
  double max_abs = 0;
  std::optional<double> rel_l2;      // worst group; absent if every reference group is zero
  int64_t nonfinite_mismatches = 0;  // NaN or Inf on one side only, or Inf of another sign
};

// Compares y with `reference` element by element. REQUIRES: equal sizes.
Accuracy Compare(const NormSpec& spec, const Shape& shape, DType dtype,
                 const ReferenceResult& reference, std::span<const float> y);

// The worse of both in every field.
Accuracy Worse(const Accuracy& a, const Accuracy& b);

// Upper bound for err_scaled of a float32 implementation with pairwise or blocked summation.
// `conditioning` is the largest |mean| * rstd over the groups (see Conditioning).
double ErrorBound(const NormSpec& spec, const Shape& shape, DType dtype, double conditioning);

// Largest |mean| * rstd over the statistics groups: 0 for RMS norm.
double Conditioning(const ReferenceResult& reference);

}  // namespace normbench
