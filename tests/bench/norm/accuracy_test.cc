// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/accuracy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace normbench {
namespace {

constexpr double kUnit = 0x1p-24;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Two samples of two elements, each sample one statistics group.
const Shape kShape = Shape::Parse("2x2").value();
const NormSpec kLayer = {.method = Method::kLayer};

Accuracy Of(std::vector<double> reference, std::vector<float> y) {
  return Compare(kLayer, kShape, DType::kF32, {.y = std::move(reference), .mean = {}, .rstd = {}},
                 y);
}

TEST(Compare, IsZeroForTheSame) {
  const Accuracy accuracy = Of({1, -2, 3, 0}, {1, -2, 3, 0});
  EXPECT_EQ(accuracy.err_scaled, 0);
  EXPECT_EQ(accuracy.max_abs, 0);
  EXPECT_EQ(accuracy.rel_l2, 0.0);
  EXPECT_EQ(accuracy.nonfinite_mismatches, 0);
}

// One unit in the last place of a value in [1, 2) is 2^-23: two unit roundoffs of the value 1.
TEST(Compare, CountsInUnitRoundoffsOfTheElement) {
  EXPECT_EQ(Of({1, 1, 1, 1}, {1, 1 + 0x1p-23f, 1, 1}).err_scaled, 2);
  EXPECT_EQ(Of({1, 1, 1, 1}, {1, 1 - 0x1p-24f, 1, 1}).err_scaled, 1);
}

// r = 0 in a group of rms sqrt(32 / 2) = 4: an error of 4u there is 1.
TEST(Compare, MeasuresSmallElementsAgainstTheirGroup) {
  const Accuracy accuracy = Of({0, std::sqrt(32.0), 1, 1}, {0x1p-22f, 5.6568542494923801f, 1, 1});
  EXPECT_NEAR(accuracy.err_scaled, 1, 1e-9);
}

// The other sample's size does not excuse this one's error.
TEST(Compare, KeepsGroupsApart) {
  const Accuracy accuracy = Of({1024, 1024, 1, 1}, {1024, 1024, 1, 1 + 0x1p-23f});
  EXPECT_EQ(accuracy.err_scaled, 2);
  EXPECT_NEAR(accuracy.rel_l2.value(), 0x1p-23 / std::sqrt(2.0), 1e-15);
  EXPECT_EQ(accuracy.max_abs, 0x1p-23);
}

TEST(Compare, HasNoRelativeErrorForAZeroReference) {
  EXPECT_FALSE(Of({0, 0, 0, 0}, {0, 0, 0, 0}).rel_l2.has_value());
  EXPECT_EQ(Of({0, 0, 0, 0}, {0, 0, 0, 0}).err_scaled, 0);
  EXPECT_EQ(Of({0, 0, 0, 0}, {0, 0, 0, 1e-30f}).err_scaled, kInf);
  EXPECT_EQ(Of({0, 0, 3, 4}, {0, 0, 3, 4}).rel_l2, 0.0);
}

TEST(Compare, CountsNonfiniteMismatches) {
  const double nan = kNan, inf = kInf;
  EXPECT_EQ(Of({nan, inf, -inf, 1}, {kNan, kInf, -kInf, 1}).nonfinite_mismatches, 0);
  EXPECT_EQ(Of({nan, inf, -inf, 1}, {1, -kInf, kNan, kInf}).nonfinite_mismatches, 4);
}

TEST(Compare, LeavesNonfiniteElementsOutOfTheOtherNumbers) {
  const Accuracy accuracy = Of({static_cast<double>(kNan), 1, 1, 1}, {kNan, 1 + 0x1p-23f, 1, 1});
  EXPECT_EQ(accuracy.err_scaled, 2);
  EXPECT_EQ(accuracy.max_abs, 0x1p-23);
}

// In units of 2^-11, and one of the four is not the nearest float16.
TEST(Compare, KnowsWhatIsNotCorrectlyRounded) {
  const std::vector<double> r = {1 + 0x1p-12, 1, 1, 1};
  const std::vector<float> y = {1, 1 + 0x1p-10f, 1, 1};
  const ReferenceResult reference = {.y = r, .mean = {}, .rstd = {}};
  const Accuracy accuracy = Compare(kLayer, kShape, DType::kF16, reference, y);
  EXPECT_NEAR(accuracy.err_scaled, 2, 1e-3);
  EXPECT_EQ(accuracy.misrounded, 0.25);
  EXPECT_FALSE(Compare(kLayer, kShape, DType::kF32, reference, y).misrounded.has_value());
}

// 70000 has no float16 but infinity.
TEST(Compare, AllowsInfinityBeyondTheDType) {
  const ReferenceResult reference = {.y = {7e4, -7e4, 7e4, 1}, .mean = {}, .rstd = {}};
  const std::vector<float> y = {kInf, -kInf, -kInf, 1};
  EXPECT_EQ(Compare(kLayer, kShape, DType::kF16, reference, y).nonfinite_mismatches, 1);
  EXPECT_EQ(Compare(kLayer, kShape, DType::kBf16, reference, y).nonfinite_mismatches, 3);
}

TEST(ComparePacked, IsCompareOfWhatIsUnpacked) {
  const Shape shape = Shape::Parse("1x2x2").value();
  const ReferenceResult reference = {.y = {1, 2, 3, 4}, .mean = {}, .rstd = {}};
  const std::vector<uint16_t> right = {0x3c00, 0x4200, 0x4000, 0x4400};  // 1, 3, 2, 4
  const TensorFormat format = {DType::kF16, Layout::kNhwc};
  EXPECT_EQ(ComparePacked(kLayer, shape, format, reference, right.data()).max_abs, 0);
  EXPECT_EQ(
      ComparePacked(kLayer, shape, {DType::kF16, Layout::kNchw}, reference, right.data()).max_abs,
      1);
  const std::vector<float> plain = {1, 2, 3, 4.5};
  EXPECT_EQ(ComparePacked(kLayer, shape, {}, reference, plain.data()).max_abs, 0.5);
}

TEST(Worse, TakesTheWorseOfEveryField) {
  const Accuracy a = {
      .err_scaled = 1, .max_abs = 4, .rel_l2 = {}, .nonfinite_mismatches = 2, .misrounded = 0.25};
  const Accuracy b = {
      .err_scaled = 3, .max_abs = 2, .rel_l2 = 0.5, .nonfinite_mismatches = 1, .misrounded = {}};
  for (const Accuracy& worse : {Worse(a, b), Worse(b, a)}) {
    EXPECT_EQ(worse.err_scaled, 3);
    EXPECT_EQ(worse.max_abs, 4);
    EXPECT_EQ(worse.rel_l2, 0.5);
    EXPECT_EQ(worse.nonfinite_mismatches, 2);
    EXPECT_EQ(worse.misrounded, 0.25);
  }
  EXPECT_FALSE(Worse(a, a).rel_l2.has_value());
}

}  // namespace
}  // namespace normbench
