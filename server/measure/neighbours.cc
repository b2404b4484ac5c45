// SPDX-License-Identifier: Apache-2.0
#include "server/measure/neighbours.h"

#include "bench/norm/case_data.h"

namespace normbench {
namespace {

constexpr int64_t kDistinct = 3;
constexpr float kHuge = 1e4f;
constexpr uint64_t kSameIndex = 1, kHugeIndex = 2;  // of CaseData; 0 is the sample

// kDistinct samples as one tensor.
Shape Several(const Shape& sample) {
  std::vector<int64_t> dims = sample.dims();
  dims[0] *= kDistinct;
  return *Shape::Create(dims);
}

std::vector<std::byte> Packed(TensorFormat format, const Shape& shape,
                              const std::vector<float>& values) {
  std::vector<std::byte> bytes(static_cast<size_t>(PackedBytes(format, shape)));
  Pack(format, shape, std::span<const float>(values), bytes.data());
  return bytes;
}

}  // namespace

Neighbours::Neighbours(const PlanRequest& sample, Distribution data, uint64_t seed)
    : bytes_(static_cast<size_t>(PackedBytes(sample.format(), sample.shape))) {
  const Shape shape = Several(sample.shape);
  const CaseData same(sample.spec, shape, data, seed, kSameIndex, sample.format());
  packed_[0].assign(same.packed_x().begin(), same.packed_x().end());
  const CaseData normal(sample.spec, shape, Distribution::kNormal, seed, kHugeIndex);
  std::vector<float> huge = normal.x();
  for (float& value : huge) value *= kHuge;
  packed_[1] = Packed(sample.format(), shape, huge);
  packed_[2].resize(packed_[0].size());
}

std::span<const std::byte> Neighbours::Get(Neighbour kind, int i) const {
  const auto which = static_cast<size_t>(i % kDistinct);
  return std::span(packed_[static_cast<size_t>(kind)]).subspan(which * bytes_, bytes_);
}

int64_t Neighbours::BytesFor(const PlanRequest& sample) {
  const int64_t packed = kDistinct * PackedBytes(sample.format(), sample.shape);
  const int64_t values = kDistinct * sample.shape.elements() * int64_t{sizeof(float)};
  // Of each kind; while the huge ones are made also two times their values and the first kind
  // whole.
  return 3 * packed + 3 * values + packed;
}

}  // namespace normbench
