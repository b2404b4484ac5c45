// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/norm/float_norm.h"

#include <cmath>
#include <span>

#include "bench/norm/reference.h"

namespace normbench {
namespace {

constexpr size_t kBlock = 32;

// Blocks one after the other, their sums as a tree.
float Sum(std::span<const float> values) {
  if (values.size() > kBlock) {
    const size_t half = values.size() / 2;
    return Sum(values.first(half)) + Sum(values.subspan(half));
  }
  float sum = 0;
  for (float value : values) sum += value;
  return sum;
}

std::vector<std::vector<float>> MembersOf(const NormSpec& spec, const Shape& shape,
                                          const float* x) {
  std::vector<std::vector<float>> members(Geometry(spec, shape).groups);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    members[PlaceOf(spec, shape, i).group].push_back(x[i]);
  }
  return members;
}

struct Statistics {
  float mean = 0, rstd = 0;
};

Statistics StatisticsOf(const NormSpec& spec, std::vector<float> x, Mistake mistake) {
  const float length = static_cast<float>(x.size());
  const float mean = spec.method == Method::kRms ? 0 : Sum(x) / length;
  const bool naive = mistake == Mistake::kMeanSquareMinusMean;
  for (float& value : x) {
    const float centred = naive ? value : value - mean;
    value = centred * centred;
  }
  const float divisor = mistake == Mistake::kUnbiasedVariance ? length - 1 : length;
  const float variance = naive ? std::fmax(Sum(x) / length - mean * mean, 0.0f) : Sum(x) / divisor;
  const float eps = static_cast<float>(spec.eps);
  if (mistake == Mistake::kEpsOutsideRoot) return {mean, 1 / (std::sqrt(variance) + eps)};
  return {mean, 1 / std::sqrt(variance + eps)};
}

}  // namespace

std::vector<float> FloatNorm(const NormSpec& spec, const Shape& shape, const NormBuffers& in,
                             Mistake mistake) {
  const int64_t groups = Geometry(spec, shape).groups;
  const int64_t affine = AffineElements(spec, shape);
  const auto* const x = static_cast<const float*>(in.x);
  std::vector<Statistics> statistics;
  for (const std::vector<float>& members : MembersOf(spec, shape, x)) {
    statistics.push_back(StatisticsOf(spec, members, mistake));
  }
  for (int64_t g = 0; !ComputesStatistics(spec) && g < groups; ++g) {
    statistics[g] = {in.mean[g], 1 / std::sqrt(in.variance[g] + static_cast<float>(spec.eps))};
  }
  std::vector<float> y(shape.elements());
  for (int64_t i = 0; i < shape.elements(); ++i) {
    const ElementPlace place = PlaceOf(spec, shape, i);
    const bool next_gamma = mistake == Mistake::kNextGamma;
    const bool next_group = mistake == Mistake::kNeighbouringGroup;
    const Statistics& s = statistics[(place.group + (next_group ? 1 : 0)) % groups];
    const float gamma = affine == 0 ? 1 : in.gamma[(place.affine + (next_gamma ? 1 : 0)) % affine];
    const float beta = affine == 0 ? 0 : in.beta[place.affine];
    const float scale = gamma * s.rstd;
    y[i] = x[i] * scale + (beta - s.mean * scale);
  }
  return y;
}

}  // namespace normbench
