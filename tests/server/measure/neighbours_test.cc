// SPDX-License-Identifier: Apache-2.0
#include "server/measure/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "bench/norm/case_data.h"

namespace normbench {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::Not;

PlanRequest Sample(DType dtype) {
  return {.spec = {.method = Method::kGroup, .groups = 2},
          .shape = *Shape::Parse("1x4x8x8"),
          .dtype = dtype,
          .layout = Layout::kNhwc,
          .device = "cpu"};
}

std::vector<float> Values(const PlanRequest& sample, std::span<const std::byte> packed) {
  std::vector<float> values(static_cast<size_t>(sample.shape.elements()));
  Unpack(sample.format(), sample.shape, packed.data(), values);
  return values;
}

TEST(Neighbours, AreOtherSamplesThanTheOneTheyAreBeside) {
  const PlanRequest sample = Sample(DType::kF32);
  const Neighbours neighbours(sample, Distribution::kMean1e2, 3);
  const CaseData self(sample.spec, sample.shape, Distribution::kMean1e2, 3, 0, sample.format());
  for (int i = 0; i < 3; ++i) {
    const auto packed = neighbours.Get(Neighbour::kSameDistribution, i);
    EXPECT_THAT(packed, Not(ElementsAreArray(self.packed_x())));
    EXPECT_THAT(packed, Not(ElementsAreArray(neighbours.Get(Neighbour::kSameDistribution, i + 1))));
    EXPECT_NEAR(Values(sample, packed)[0], 100, 6);
  }
}

TEST(Neighbours, HugeOnesAreFiniteInEveryDtypeAndZerosAreZero) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBf16}) {
    const PlanRequest sample = Sample(dtype);
    const Neighbours neighbours(sample, Distribution::kNormal, 1);
    const std::vector<float> huge = Values(sample, neighbours.Get(Neighbour::kHuge, 1));
    EXPECT_TRUE(std::ranges::all_of(huge, [](float x) { return std::isfinite(x); }));
    EXPECT_GT(*std::ranges::max_element(huge), 1e4f);
    EXPECT_THAT(Values(sample, neighbours.Get(Neighbour::kZeros, 1)), Each(0));
  }
}

}  // namespace
}  // namespace normbench
