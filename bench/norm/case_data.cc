// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/case_data.h"

namespace normbench {
namespace {

// Streams of the generator; those of x are a multiple of kStreams apart, so no two tensors share
// one.
enum Stream : uint64_t { kX, kGamma, kBeta, kMean, kVariance };
constexpr uint64_t kStreams = 8;

std::vector<float> Uniform(int64_t count, uint64_t seed, Stream stream) {
  std::vector<float> values(count);
  Fill(Distribution::kUniform, seed, stream, values);
  return values;
}

std::vector<float> AroundOne(int64_t count, uint64_t seed, Stream stream) {
  std::vector<float> values = Uniform(count, seed, stream);
  for (float& value : values) value = 1.0f + 0.5f * value;
  return values;
}

const float* DataOrNull(const std::vector<float>& values) {
  return values.empty() ? nullptr : values.data();
}

}  // namespace

CaseData::CaseData(const NormSpec& spec, const Shape& shape, Distribution distribution,
                   uint64_t seed, uint64_t index)
    : x_(shape.elements()),
      gamma_(AroundOne(AffineElements(spec, shape), seed, kGamma)),
      beta_(Uniform(AffineElements(spec, shape), seed, kBeta)) {
  Fill(distribution, seed, kStreams * index + kX, x_);
  if (ComputesStatistics(spec)) return;
  mean_ = Uniform(shape.channels(), seed, kMean);
  variance_ = AroundOne(shape.channels(), seed, kVariance);
}

NormBuffers CaseData::inputs() const {
  return {.x = x_.data(),
          .gamma = DataOrNull(gamma_),
          .beta = DataOrNull(beta_),
          .mean = DataOrNull(mean_),
          .variance = DataOrNull(variance_)};
}

}  // namespace normbench
