// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: value i of stream `seed` is a pure function of both, so the same
// case has the same bits on every machine, in any order, by any number of threads. The bits are
// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace normbench {

// N(0, 1); U[-1, 1); and those that are hard to normalize: N(10^k, 1), and what CaseData makes of
// N(0, 1), as it knows the statistics groups: one value in each, or a first element of 10^4.
enum class Distribution {
  kNormal,
  kUniform,
  kMean1e1,
  kMean1e2,
  kMean1e3,
  kMean1e4,
  kMean1e5,
  kOutlier,
  kConstant
};
inline constexpr std::array kDistributions = {
    Distribution::kNormal,  Distribution::kUniform, Distribution::kMean1e1,
    Distribution::kMean1e2, Distribution::kMean1e3, Distribution::kMean1e4,
    Distribution::kMean1e5, Distribution::kOutlier, Distribution::kConstant};

std::string_view Name(Distribution distribution);

// 10^k for kMean1ek, else 0.
float MeanOf(Distribution distribution);

absl::StatusOr<Distribution> ParseDistribution(std::string_view name);

// Four independent 32-bit words for one counter.
std::array<uint32_t, 4> Philox(uint64_t seed, uint64_t stream, uint64_t counter);

// Fills `out` with values first, first + 1, ... of the given stream. Streams of one seed are
// independent: a case takes x from stream 8 * index, gamma 1, beta 2, mean 3, variance 4.
// Normal values come from Box-Muller in float64 (log, sqrt, cos, sin of libm), rounded to float32.
void Fill(Distribution distribution, uint64_t seed, uint64_t stream, std::span<float> out,
          uint64_t first = 0);

}  // namespace normbench
