// SPDX-License-Identifier: Apache-2.0
// Interleaved pairs of two arms, and what may be said about their ratio.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace normbench {

// Returns the figure of one run of an arm, for example its median latency.
using Arm = std::function<absl::StatusOr<double>()>;

struct PairedRatio {
  double a = 0;  // median figure of each arm
  double b = 0;
  double ratio = 0;  // median of a / b over the pairs
  double low = 0;    // 95 % interval of that median, by order statistics
  double high = 0;
  int pairs = 0;
};

// The ratio of figures that were measured in pairs: a[i] beside b[i]. Returns INVALID_ARGUMENT for
// fewer than 6. REQUIRES: equally many, b[i] != 0.
absl::StatusOr<PairedRatio> RatioOfPairs(std::span<const double> a, std::span<const double> b);

// Runs `pairs` pairs; which arm goes first alternates. REQUIRES: pairs >= 6, else there is no
// interval.
absl::StatusOr<PairedRatio> RunPairs(int pairs, const Arm& a, const Arm& b);

enum class Better { kLower, kHigher };

// "met", "missed" or "undecided": met when the median meets the target, missed when the whole
// interval misses it, else undecided.
std::string JudgeRatio(const PairedRatio& ratio, Better better, double target);

}  // namespace normbench
