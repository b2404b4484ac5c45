// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/case_data.h"

#include <algorithm>

#include "bench/norm/planes.h"

namespace normbench {
namespace {

// Streams of the generator; those of x are a multiple of kStreams apart, so no two tensors share
// one.
enum Stream : uint64_t { kX, kGamma, kBeta, kMean, kVariance };
constexpr uint64_t kStreams = 8;
constexpr float kOutlier = 1e4f;

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

void RoundAllTo(DType dtype, std::vector<float>& values) {
  if (dtype == DType::kF32) return;
  for (float& value : values) value = static_cast<float>(RoundTo(dtype, value));
}

const float* DataOrNull(const std::vector<float>& values) {
  return values.empty() ? nullptr : values.data();
}

// What the distributions that know statistics groups make of normal values.
void Condition(Distribution distribution, const NormSpec& spec, const Shape& shape,
               std::vector<float>& x) {
  if (distribution != Distribution::kOutlier && distribution != Distribution::kConstant) return;
  std::vector<bool> seen(Geometry(spec, shape).groups);
  std::vector<float> first(seen.size());
  for (const Plane plane : Planes(spec, shape)) {
    const auto values = std::span(x).subspan(plane.first, shape.spatial());
    if (!seen[plane.group]) {
      seen[plane.group] = true;
      first[plane.group] = values[0];
      if (distribution == Distribution::kOutlier) values[0] = kOutlier;
    }
    if (distribution == Distribution::kConstant) std::ranges::fill(values, first[plane.group]);
  }
}

}  // namespace

absl::Status Validate(Distribution distribution, DType dtype) {
  if (distribution != Distribution::kMean1e5 || dtype != DType::kF16) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "data: mean1e5 with dtype f16; allowed: up to mean1e4, as f16 ends at 65504");
}

CaseData::CaseData(const NormSpec& spec, const Shape& shape, Distribution distribution,
                   uint64_t seed, uint64_t index, TensorFormat format)
    : x_(shape.elements()),
      gamma_(AroundOne(AffineElements(spec, shape), seed, kGamma)),
      beta_(Uniform(AffineElements(spec, shape), seed, kBeta)) {
  Fill(distribution, seed, kStreams * index + kX, x_);
  Condition(distribution, spec, shape, x_);
  for (std::vector<float>* values : {&x_, &gamma_, &beta_}) RoundAllTo(format.dtype, *values);
  if (!IsPlain(format)) {
    packed_.resize(static_cast<size_t>(PackedBytes(format, shape)));
    Pack(format, shape, std::span<const float>(x_), packed_.data());
  }
  if (!TakesStatistics(spec)) return;
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

NormBuffers CaseData::packed_inputs() const {
  NormBuffers buffers = inputs();
  buffers.x = packed_x().data();
  return buffers;
}

std::span<const std::byte> CaseData::packed_x() const {
  return packed_.empty() ? std::as_bytes(std::span(x_)) : std::span(packed_);
}

}  // namespace normbench
