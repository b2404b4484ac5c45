// SPDX-License-Identifier: Apache-2.0
// What to compute, apart from the data: y = (x - mean) * rstd * gamma + beta with
// rstd = 1 / sqrt(variance + eps), mean and biased variance over the elements of one statistics
// group (RMS norm: mean = 0, variance = mean of x^2). Source of the definitions: Wu & He 2018,
// equations 1-7; RMS norm: Zhang & Sennrich 2019, equation 4. Folded batch norm: y = x * gamma +
// beta.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "bench/norm/shape.h"
#include "bench/norm/words.h"

namespace normbench {

struct NormSpec {
  Method method = Method::kGroup;
  StatsSource stats = StatsSource::kRunning;  // batch norm only
  int64_t groups = 1;                         // group norm only
  Affine affine = Affine::kChannel;
  double eps = 1e-5;  // finite, at least 2^-126

  bool operator==(const NormSpec&) const = default;
};

// Returns INVALID_ARGUMENT naming field, value and allowed range unless `spec` can be applied to
// `shape`.
absl::Status Validate(const NormSpec& spec, const Shape& shape);

// True if mean and variance are computed from x, false if the caller gives them or there are none.
bool ComputesStatistics(const NormSpec& spec);

// True if the caller gives mean and variance: batch norm with running statistics.
bool TakesStatistics(const NormSpec& spec);

// True for batch norm with statistics that are folded into gamma and beta.
bool IsFolded(const NormSpec& spec);

// Whether there are means, and reciprocal roots of variances, to ask for.
bool HasMean(const NormSpec& spec);
bool HasRstd(const NormSpec& spec);

// How many statistics groups x falls into, and how many elements each has.
// groups * length == shape.elements(). REQUIRES: Validate(spec, shape).ok().
struct StatsGeometry {
  int64_t groups = 0;
  int64_t length = 0;
};
StatsGeometry Geometry(const NormSpec& spec, const Shape& shape);

// Elements of gamma (and of beta): 0, C or C * H * W.
int64_t AffineElements(const NormSpec& spec, const Shape& shape);

}  // namespace normbench
