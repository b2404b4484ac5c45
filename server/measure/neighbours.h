// SPDX-License-Identifier: Apache-2.0
// The other samples of a batch: what must not change the answer for this one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/norm/generator.h"
#include "server/kernels/plan_cache.h"

namespace normbench {

// Samples of the case's distribution; 10^4 N(0, 1), which every dtype can hold; zeros.
enum class Neighbour { kSameDistribution, kHuge, kZeros };

// Immutable.
class Neighbours {
 public:
  // Of the format and shape of `sample`. REQUIRES: three of them are a Shape, too.
  Neighbours(const PlanRequest& sample, Distribution data, uint64_t seed);

  // The packed sample for place `i` of a batch: a few different ones, again and again. Valid as
  // long as this object.
  std::span<const std::byte> Get(Neighbour kind, int i) const;

  // Memory that making and keeping them takes.
  static int64_t BytesFor(const PlanRequest& sample);

 private:
  size_t bytes_;  // of one
  std::array<std::vector<std::byte>, 3> packed_;
};

}  // namespace normbench
