// SPDX-License-Identifier: Apache-2.0
// Answers for one sample, compared bit by bit: how many are equal, and how far apart the others
// are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "bench/norm/shape.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

struct Difference {
  bool equal = true;  // the same bits
  double max_abs = 0;
  double max_scaled = 0;  // in units of u * max(|b|, rms): InvarianceTally in measure.proto
};

// Compares a with b, both packed in `format` and of `shape`. A number that is not finite on one
// side only, or another infinity, is infinitely far. Thread-safe. REQUIRES: equal sizes.
Difference DifferenceOf(TensorFormat format, const Shape& shape, std::span<const std::byte> a,
                        std::span<const std::byte> b, double rms);

// Root of the mean square of the values packed in `y`; those that are not finite are left out.
double RmsOf(TensorFormat format, const Shape& shape, std::span<const std::byte> y);

// What many comparisons gave.
struct Tally {
  int comparisons = 0;
  int equal = 0;
  double max_abs = 0;
  double max_scaled = 0;
  std::optional<int> first_failing_n;  // the smallest batch size with a difference

  // One more, in a batch of `n`.
  void Add(int n, const Difference& difference);
};

}  // namespace normbench
