// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/reference.h"

#include <cmath>
#include <cstdint>

#include "bench/norm/planes.h"

namespace normbench {
namespace {

// A sum of n equal float32 values must be exact, so that a constant group has exactly that mean and
// variance 0; long double also keeps sums of 10^9 values far below what float32 can resolve.
using Sum = long double;

// The mean over each group of (x - centre[group])^power.
std::vector<double> Moments(const NormSpec& spec, const Shape& shape, const float* x,
                            const std::vector<double>& centre, int power) {
  const StatsGeometry geometry = Geometry(spec, shape);
  std::vector<Sum> sums(geometry.groups, 0);
  for (const Plane plane : Planes(spec, shape)) {
    Sum sum = 0;
    for (int64_t s = 0; s < shape.spatial(); ++s) {
      const double deviation = x[plane.first + s] - centre[plane.group];
      sum += power == 2 ? deviation * deviation : deviation;
    }
    sums[plane.group] += sum;
  }
  std::vector<double> moments(geometry.groups);
  for (int64_t g = 0; g < geometry.groups; ++g) {
    moments[g] = static_cast<double>(sums[g] / geometry.length);
  }
  return moments;
}

void Statistics(const NormSpec& spec, const Shape& shape, const NormBuffers& in,
                ReferenceResult& result) {
  const int64_t groups = Geometry(spec, shape).groups;
  std::vector<double> variance;
  result.mean.assign(groups, 0.0);
  result.rstd.assign(groups, 1.0);
  if (IsFolded(spec)) return;
  if (TakesStatistics(spec)) {
    result.mean.assign(in.mean, in.mean + groups);
    variance.assign(in.variance, in.variance + groups);
  } else {
    const auto* const x = static_cast<const float*>(in.x);
    if (spec.method != Method::kRms) result.mean = Moments(spec, shape, x, result.mean, 1);
    variance = Moments(spec, shape, x, result.mean, 2);
  }
  for (int64_t g = 0; g < groups; ++g) result.rstd[g] = 1.0 / std::sqrt(variance[g] + spec.eps);
}

}  // namespace

ElementPlace PlaceOf(const NormSpec& spec, const Shape& shape, int64_t element) {
  const int64_t plane = element / shape.spatial();
  const int64_t n = plane / shape.channels();
  const int64_t c = plane % shape.channels();
  ElementPlace place;
  switch (spec.method) {
    case Method::kBatch:
      place.group = c;
      break;
    case Method::kLayer:
    case Method::kRms:
      place.group = n;
      break;
    case Method::kInstance:
      place.group = plane;
      break;
    case Method::kGroup:
      place.group = n * spec.groups + c / (shape.channels() / spec.groups);
      break;
  }
  if (spec.affine == Affine::kChannel) place.affine = c;
  if (spec.affine == Affine::kElement) {
    place.affine = c * shape.spatial() + element % shape.spatial();
  }
  return place;
}

ReferenceResult ReferenceNorm(const NormSpec& spec, const Shape& shape, const NormBuffers& in) {
  ReferenceResult result;
  Statistics(spec, shape, in, result);
  result.y.resize(shape.elements());
  const auto* const x = static_cast<const float*>(in.x);
  for (const Plane plane : Planes(spec, shape)) {
    const double mean = result.mean[plane.group], rstd = result.rstd[plane.group];
    for (int64_t s = 0; s < shape.spatial(); ++s) {
      const int64_t i = plane.first + s, affine = plane.affine + s * plane.affine_step;
      const double gamma = in.gamma == nullptr ? 1.0 : in.gamma[affine];
      const double beta = in.beta == nullptr ? 0.0 : in.beta[affine];
      result.y[i] = (x[i] - mean) * rstd * gamma + beta;
    }
  }
  return result;
}

int64_t ReferenceBytes(const NormSpec& spec, const Shape& shape) {
  constexpr auto kF64 = static_cast<int64_t>(sizeof(double));
  // y, and for each group the most that Moments has beside the mean it centres on: its sums and the
  // moments they become.
  return shape.elements() * kF64 +
         Geometry(spec, shape).groups * (static_cast<int64_t>(sizeof(Sum)) + 2 * kF64);
}

}  // namespace normbench
