// SPDX-License-Identifier: Apache-2.0
#include "server/faults/changed_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "bench/norm/tensor_format.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// `values` after `change` of them as packed values of `dtype`.
template <typename Change>
std::vector<float> Changed(DType dtype, std::vector<float> values, const Change& change) {
  const int64_t dims[] = {1, static_cast<int64_t>(values.size())};
  const Shape shape = Shape::Create(dims).value();
  const TensorFormat format = {dtype, Layout::kNchw};
  std::vector<std::byte> bytes(static_cast<size_t>(PackedBytes(format, shape)));
  Pack(format, shape, std::span<const float>(values), bytes.data());
  change(std::span<std::byte>(bytes));
  Unpack(format, shape, bytes.data(), values);
  return values;
}

std::vector<float> FirstChanged(DType dtype, double share, const std::vector<float>& values) {
  return Changed(dtype, values,
                 [&](std::span<std::byte> bytes) { ChangeFirst(dtype, bytes, share); });
}

std::vector<float> LargestMoved(DType dtype, const std::vector<float>& values) {
  return Changed(dtype, values, [&](std::span<std::byte> bytes) { MoveLargest(dtype, bytes); });
}

TEST(ChangeFirst, ByAShareOfTheLargestMagnitude) {
  for (const DType dtype : kDTypes) {
    EXPECT_THAT(FirstChanged(dtype, 0.25, {1, -8, 2}), ElementsAre(-1, -8, 2));
    EXPECT_THAT(FirstChanged(dtype, 0.25, {-1, -8, 2}), ElementsAre(1, -8, 2));
    EXPECT_THAT(FirstChanged(dtype, 0.5, {0, 3}), ElementsAre(1.5, 3));
    EXPECT_THAT(FirstChanged(dtype, 1, {5}), ElementsAre(0));
  }
}

TEST(ChangeFirst, ToTheNextValueWhereTheShareIsTooSmall) {
  for (const DType dtype : kDTypes) {
    EXPECT_LT(FirstChanged(dtype, 1e-9, {1, 1})[0], 1);
    EXPECT_GT(FirstChanged(dtype, 1e-9, {-1, 1})[0], -1);
    EXPECT_NEAR(FirstChanged(dtype, 1e-9, {1, 1})[0], 1, 0.005);
    EXPECT_GT(FirstChanged(dtype, 0.5, {0, 0})[0], 0);
  }
}

TEST(ChangeFirst, StaysFinite) {
  const float largest = std::numeric_limits<float>::max();
  EXPECT_THAT(FirstChanged(DType::kF32, 1, {largest, -largest}), ElementsAre(0, -largest));
  EXPECT_THAT(FirstChanged(DType::kF16, 1, {-65504, 1}), ElementsAre(0, 1));
  EXPECT_THAT(FirstChanged(DType::kF32, 0.5, {1, kInfinity, std::nanf("")}),
              ElementsAre(0.5, kInfinity, ::testing::IsNan()));
  EXPECT_THAT(FirstChanged(DType::kF32, 0.5, {kInfinity, 2}), ElementsAre(kInfinity, 2));
}

TEST(MoveLargest, AnotherOneWins) {
  for (const DType dtype : kDTypes) {
    EXPECT_THAT(LargestMoved(dtype, {-1, 2, 9, 3}), ElementsAre(9, 2, -1, 3));
    EXPECT_THAT(LargestMoved(dtype, {9, 2, -1, 3}), ElementsAre(2, 9, -1, 3));
    EXPECT_THAT(LargestMoved(dtype, {-5, -4}), ElementsAre(-4, -5));
  }
}

}  // namespace
}  // namespace normbench
