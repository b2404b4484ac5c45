// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/error_bound.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/norm/group_rms.h"
#include "bench/norm/planes.h"

namespace normbench {
namespace {

// Constants of the derivation in README.md, section "How far an answer may be off".
constexpr double kLongestChain = 32;  // values added up one after the other, then as a tree
constexpr double kDeviations = 5;     // of a sum of independent rounding errors
constexpr double kScaleRoundings = 5;
constexpr double kOffsetRoundings = 3;
constexpr double kLastRounding = 1;

// The |mean| that counts for `group`: even centred data has a mean of some size by chance, and its
// partial sums have too. Only a mean that is computed carries that error.
double OffsetOf(const NormSpec& spec, const Shape& shape, const ReferenceResult& reference,
                int64_t group) {
  if (spec.method == Method::kRms) return 0;
  const double mean = std::abs(reference.mean[group]);
  if (!ComputesStatistics(spec)) return mean;  // folded: 0
  const double rstd = reference.rstd[group];
  const double variance = std::max(0.0, 1 / (rstd * rstd) - spec.eps);
  return std::sqrt(mean * mean + 6 * variance / Geometry(spec, shape).length);
}

// In units of the roundoff of float32, of an answer that is float32.
double Float32Bound(const NormSpec& spec, const Shape& shape, const Conditioning& conditioning) {
  // x * gamma, and adding beta: each rounding is of a term or of the result.
  if (IsFolded(spec)) return kLastRounding + conditioning.result;
  double mean_error = 0, variance_error = 0;  // relative
  const double length = static_cast<double>(Geometry(spec, shape).length);
  if (ComputesStatistics(spec) && length > 1) {
    const double chain = std::min(length, kLongestChain);
    mean_error = kDeviations * std::sqrt((2 + chain / 3) / 3);
    const double drift = mean_error * conditioning.mean;
    variance_error =
        mean_error + 2 * drift / std::sqrt(length) + UnitRoundoff(DType::kF32) * drift * drift;
  }
  return kLastRounding + (kScaleRoundings + variance_error / 2) * conditioning.result +
         (kOffsetRoundings + mean_error) * conditioning.offset;
}

// Nothing over zero is nothing, something over zero is infinite, what is not finite has no say.
void Raise(double& largest, double numerator, double denominator) {
  if (numerator > 0 && std::isfinite(numerator))
    largest = std::max(largest, numerator / denominator);
}

}  // namespace

Conditioning ConditioningOf(const NormSpec& spec, const Shape& shape, const NormBuffers& in,
                            const ReferenceResult& reference) {
  const std::vector<double> rms = GroupRms(spec, shape, reference);
  Conditioning worst;
  for (const Plane plane : Planes(spec, shape)) {
    const double rstd = reference.rstd[plane.group];
    const double offset = OffsetOf(spec, shape, reference, plane.group) * rstd;
    Raise(worst.mean, std::abs(reference.mean[plane.group]) * rstd, 1);
    for (int64_t s = 0; s < shape.spatial(); ++s) {
      const double r = reference.y[plane.first + s];
      if (!std::isfinite(r)) continue;
      const int64_t affine = plane.affine + s * plane.affine_step;
      const double gamma = in.gamma == nullptr ? 1 : in.gamma[affine];
      const double beta = in.beta == nullptr ? 0 : in.beta[affine];
      const double denominator = std::max(std::abs(r), rms[plane.group]);
      Raise(worst.result, std::abs(r - beta) + std::abs(beta), denominator);
      Raise(worst.offset, std::abs(gamma) * offset, denominator);
      Raise(worst.normalized, std::abs(r - beta), denominator);
      if (denominator > 0) Raise(worst.inverse, 1, denominator);
    }
  }
  return worst;
}

double ErrorBound(const NormSpec& spec, const Shape& shape, DType dtype,
                  const Conditioning& conditioning) {
  const double float32 = Float32Bound(spec, shape, conditioning);
  if (dtype == DType::kF32) return float32;
  const double unit = UnitRoundoff(dtype);
  // Of the result: relative, but for values so small that the dtype has only a part of its digits.
  double roundings = std::max(kLastRounding, SmallestNormal(dtype) * conditioning.inverse);
  // RMS norm is defined with a rounding before gamma.
  const bool twice = spec.method == Method::kRms && spec.affine != Affine::kNone;
  if (twice) roundings += (1 + unit) * conditioning.normalized;
  return roundings + (1 + unit) * (1 + unit) * float32 * UnitRoundoff(DType::kF32) / unit;
}

}  // namespace normbench
