// SPDX-License-Identifier: Apache-2.0
#include "server/measure/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace normbench {
namespace {

using ::testing::Optional;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<std::byte> Packed(TensorFormat format, const std::vector<float>& values) {
  const Shape shape = *Shape::Create(std::vector<int64_t>{1, static_cast<int64_t>(values.size())});
  std::vector<std::byte> bytes(static_cast<size_t>(PackedBytes(format, shape)));
  Pack(format, shape, std::span<const float>(values), bytes.data());
  return bytes;
}

Difference Between(const std::vector<float>& a, const std::vector<float>& b, double rms = 1,
                   TensorFormat format = {}) {
  const Shape shape = *Shape::Create(std::vector<int64_t>{1, static_cast<int64_t>(b.size())});
  return DifferenceOf(format, shape, Packed(format, a), Packed(format, b), rms);
}

TEST(DifferenceOf, EqualBitsAreEqual) {
  EXPECT_TRUE(Between({1, -2}, {1, -2}).equal);
  EXPECT_TRUE(Between({kNan, kInf}, {kNan, kInf}).equal);
}

TEST(DifferenceOf, BitsCountNotValues) {
  const Difference zeros = Between({0.0f}, {-0.0f});
  EXPECT_FALSE(zeros.equal);
  EXPECT_EQ(zeros.max_abs, 0);
}

TEST(DifferenceOf, IsTheLargestOneInAbsoluteAndInScaledNumbers) {
  const Difference f32 = Between({1.5f, 100.0f, 3}, {1, 100.25f, 3});
  EXPECT_FALSE(f32.equal);
  EXPECT_EQ(f32.max_abs, 0.5);
  EXPECT_EQ(f32.max_scaled, 0.5 * 0x1p24);
  EXPECT_EQ(Between({0.25f}, {0.125f}, 4).max_scaled, 0.125 * 0x1p24 / 4) << "of the rms";
  const TensorFormat bf16{.dtype = DType::kBf16};
  EXPECT_EQ(Between({1 + 0x1p-7f}, {1}, 1, bf16).max_scaled, 2) << "the last bit";
}

TEST(DifferenceOf, WhatIsFiniteOnOneSideOnlyIsInfinitelyFar) {
  for (const auto& [a, b] : {std::pair{kNan, 1.0f}, {1.0f, kNan}, {kInf, 1.0f}, {kInf, -kInf}}) {
    EXPECT_EQ(Between({a}, {b}).max_abs, std::numeric_limits<double>::infinity());
    EXPECT_EQ(Between({a}, {b}).max_scaled, std::numeric_limits<double>::infinity());
  }
}

TEST(RmsOf, LeavesOutWhatIsNotFinite) {
  const Shape shape = *Shape::Parse("1x3");
  EXPECT_EQ(RmsOf({}, shape, Packed({}, {3, kNan, -3})), 3);
  EXPECT_EQ(RmsOf({}, shape, Packed({}, {kInf, kNan, kNan})), 0);
}

TEST(Tally, KeepsCountsLargestAndSmallest) {
  Tally tally;
  EXPECT_EQ(tally.first_failing_n, std::nullopt);
  tally.Add(1, {});
  tally.Add(9, {.equal = false, .max_abs = 1, .max_scaled = 5});
  tally.Add(4, {.equal = false, .max_abs = 2, .max_scaled = 3});
  tally.Add(5, {});
  EXPECT_EQ(tally.comparisons, 4);
  EXPECT_EQ(tally.equal, 2);
  EXPECT_EQ(tally.max_abs, 2);
  EXPECT_EQ(tally.max_scaled, 5);
  EXPECT_THAT(tally.first_failing_n, Optional(4));
}

}  // namespace
}  // namespace normbench
