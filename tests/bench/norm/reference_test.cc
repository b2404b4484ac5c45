// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "bench/norm/case_data.h"
#include "tests/bench/norm/peak_memory.h"

namespace normbench {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Shape Parsed(std::string_view text) {
  return Shape::Parse(text).value();
}

std::vector<double> Normalized(const NormSpec& spec, const Shape& shape,
                               const std::vector<float>& x) {
  return ReferenceNorm(spec, shape, {.x = x.data()}).y;
}

// mean 5, variance 4, and eps 12 makes the root exactly 4.
TEST(ReferenceNorm, GivesTheTextbookAnswer) {
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 12};
  const std::vector<float> x = {2, 4, 4, 4, 5, 5, 7, 9};
  const ReferenceResult result = ReferenceNorm(spec, Parsed("1x8"), {.x = x.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(-0.75, -0.25, -0.25, -0.25, 0, 0, 0.5, 1));
  EXPECT_THAT(result.mean, testing::ElementsAre(5));
  EXPECT_THAT(result.rstd, testing::ElementsAre(0.25));
}

// mean of squares 13, and eps 3 makes the root 4.
TEST(ReferenceNorm, DoesNotSubtractTheMeanInRmsNorm) {
  const NormSpec spec = {.method = Method::kRms, .affine = Affine::kNone, .eps = 3};
  const std::vector<float> x = {1, 5};
  const ReferenceResult result = ReferenceNorm(spec, Parsed("1x2"), {.x = x.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(0.25, 1.25));
  EXPECT_THAT(result.mean, testing::ElementsAre(0));
  EXPECT_THAT(result.rstd, testing::ElementsAre(0.25));
}

TEST(ReferenceNorm, OfFoldedBatchNormIsAScaleAndABias) {
  const std::vector<float> x = {1, 2, 3, 4}, gamma = {2, 3}, beta = {10, 20};
  const NormSpec spec = {.method = Method::kBatch, .stats = StatsSource::kFolded};
  const ReferenceResult result = ReferenceNorm(
      spec, Parsed("2x2"), {.x = x.data(), .gamma = gamma.data(), .beta = beta.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(12, 26, 16, 32));
}

TEST(ReferenceNorm, UsesTheRunningStatisticsItIsGiven) {
  const std::vector<float> x = {1, 2, 3, 4}, mean = {1, -2}, variance = {3, 8}, gamma = {2, 3},
                           beta = {10, 20};
  const NormSpec spec = {.method = Method::kBatch, .eps = 1};
  const ReferenceResult result = ReferenceNorm(spec, Parsed("2x2"),
                                               {.x = x.data(),
                                                .gamma = gamma.data(),
                                                .beta = beta.data(),
                                                .mean = mean.data(),
                                                .variance = variance.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(10, 24, 12, 26));
  EXPECT_THAT(result.rstd, testing::ElementsAre(0.5, 1.0 / 3));
}

// Two groups of two channels, each of variance 1 around its own mean, gamma and beta by channel.
TEST(ReferenceNorm, SharesStatisticsWithinAGroupAndParametersWithinAChannel) {
  const std::vector<float> x = {1, 3, 1, 3, 11, 13, 13, 11}, gamma = {1, 2, 3, 4},
                           beta = {0, 10, 20, 30};
  const NormSpec spec = {.method = Method::kGroup, .groups = 2, .eps = 3};
  const ReferenceResult result = ReferenceNorm(
      spec, Parsed("1x4x1x2"), {.x = x.data(), .gamma = gamma.data(), .beta = beta.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(-0.5, 0.5, 9, 11, 18.5, 21.5, 32, 28));
}

TEST(ReferenceNorm, TakesGammaByElement) {
  const std::vector<float> x = {1, 3, 3, 1, 3, 1, 1, 3}, gamma = {1, 2, 3, 4}, beta = {0, 0, 0, 8};
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kElement, .eps = 3};
  const ReferenceResult result = ReferenceNorm(
      spec, Parsed("2x2x1x2"), {.x = x.data(), .gamma = gamma.data(), .beta = beta.data()});
  EXPECT_THAT(result.y, testing::ElementsAre(-0.5, 1, 1.5, 6, 0.5, -1, -1.5, 10));
}

struct Identity {
  std::string name;
  NormSpec left, right;
  std::string shape;
};

// The same sums in the same order: equal to the last bit.
TEST(ReferenceNorm, HoldsTheIdentitiesBetweenMethods) {
  const NormSpec instance = {.method = Method::kInstance};
  for (const Identity& i :
       {Identity{"GN(1) = LN",
                 {.method = Method::kGroup, .groups = 1},
                 {.method = Method::kLayer},
                 "3x6x5x4"},
        Identity{"GN(C) = IN", {.method = Method::kGroup, .groups = 6}, instance, "3x6x5x4"},
        Identity{"BN(N = 1) = IN",
                 {.method = Method::kBatch, .stats = StatsSource::kBatch},
                 instance,
                 "1x6x5x4"}}) {
    const Shape shape = Parsed(i.shape);
    const CaseData data(i.left, shape, Distribution::kNormal, 5);
    const ReferenceResult left = ReferenceNorm(i.left, shape, data.inputs());
    const ReferenceResult right = ReferenceNorm(i.right, shape, data.inputs());
    EXPECT_EQ(left.y, right.y) << i.name;
    EXPECT_EQ(left.mean, right.mean) << i.name;
    EXPECT_EQ(left.rstd, right.rstd) << i.name;
  }
}

// In (x - mean)^2 of float32 values around 2^23 only 1 bit would be left: -1, 0, 1 and variance
// 2/3.
TEST(ReferenceNorm, IsExactWhereFloat32IsIllConditioned) {
  const std::vector<float> x = {8388607, 8388608, 8388609};
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 1.0 / 3};
  EXPECT_THAT(Normalized(spec, Parsed("1x3"), x), testing::ElementsAre(-1, 0, 1));
}

TEST(ReferenceNorm, GivesExactlyBetaForAConstantGroup) {
  const Shape shape = Parsed("2x4x37x41");
  const CaseData data({.method = Method::kGroup}, shape, Distribution::kNormal, 1);
  const std::vector<float> x(shape.elements(), 0.1f);
  NormBuffers in = data.inputs();
  in.x = x.data();
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kGroup, .groups = 2},
        NormSpec{.method = Method::kBatch, .stats = StatsSource::kBatch},
        NormSpec{.method = Method::kInstance}, NormSpec{.method = Method::kLayer}}) {
    const ReferenceResult result = ReferenceNorm(spec, shape, in);
    for (int64_t i = 0; i < shape.elements(); ++i) {
      ASSERT_EQ(result.y[i], data.beta()[PlaceOf(spec, shape, i).affine]) << Name(spec.method);
    }
  }
}

TEST(ReferenceNorm, ConfinesNanAndInfToTheirGroup) {
  const Shape shape = Parsed("2x4x2x3");
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kGroup, .groups = 2, .affine = Affine::kNone},
        NormSpec{.method = Method::kBatch, .stats = StatsSource::kBatch, .affine = Affine::kNone},
        NormSpec{.method = Method::kInstance, .affine = Affine::kNone},
        NormSpec{.method = Method::kLayer, .affine = Affine::kNone},
        NormSpec{.method = Method::kRms, .affine = Affine::kNone}}) {
    for (float poison : {kNan, kInf, -kInf}) {
      std::vector<float> x = CaseData(spec, shape, Distribution::kNormal, 1).x();
      const std::vector<double> clean = Normalized(spec, shape, x);
      x[13] = poison;
      const std::vector<double> y = Normalized(spec, shape, x);
      const int64_t hit = PlaceOf(spec, shape, 13).group;
      EXPECT_TRUE(std::isnan(y[13]));
      for (int64_t i = 0; i < shape.elements(); ++i) {
        if (PlaceOf(spec, shape, i).group == hit) continue;
        EXPECT_EQ(y[i], clean[i]);
      }
    }
  }
}

// Where a group is one element, and where it is long.
TEST(ReferenceBytes, CoversWhatIsAllocated) {
  constexpr int64_t kRounding = 64 << 10;  // of each allocation, by the C library
  for (const char* text : {"256x256", "512x128x1x1", "4x16x32x32"}) {
    const Shape shape = Parsed(text);
    for (const NormSpec& spec :
         {NormSpec{.method = Method::kInstance}, NormSpec{.method = Method::kGroup, .groups = 16},
          NormSpec{.method = Method::kBatch, .stats = StatsSource::kBatch},
          NormSpec{.method = Method::kRms, .affine = Affine::kElement}}) {
      const CaseData data(spec, shape, Distribution::kNormal, 1);
      const int64_t peak = PeakBytes([&] { ReferenceNorm(spec, shape, data.inputs()); });
      EXPECT_LE(peak, ReferenceBytes(spec, shape) + kRounding) << text << Name(spec.method);
      EXPECT_GE(peak, ReferenceBytes(spec, shape) / 2) << text << Name(spec.method);
    }
  }
}

TEST(PlaceOf, SplitsTheTensorIntoGroupsOfEqualSize) {
  const Shape shape = Parsed("3x6x2x5");
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kBatch}, NormSpec{.method = Method::kLayer},
        NormSpec{.method = Method::kInstance}, NormSpec{.method = Method::kGroup, .groups = 2},
        NormSpec{.method = Method::kRms}}) {
    const StatsGeometry geometry = Geometry(spec, shape);
    std::vector<int64_t> members(geometry.groups);
    for (int64_t i = 0; i < shape.elements(); ++i) ++members[PlaceOf(spec, shape, i).group];
    EXPECT_EQ(members, std::vector<int64_t>(geometry.groups, geometry.length)) << Name(spec.method);
  }
}

// Element (n, c, h, w) = (1, 4, 1, 2) of 2x6x2x5, that is sample 1, channel 4, position 7.
TEST(PlaceOf, KnowsOneElementByHand) {
  const Shape shape = Parsed("2x6x2x5");
  const int64_t element = 1 * 60 + 4 * 10 + 1 * 5 + 2;
  EXPECT_EQ(PlaceOf({.method = Method::kBatch}, shape, element).group, 4);
  EXPECT_EQ(PlaceOf({.method = Method::kLayer}, shape, element).group, 1);
  EXPECT_EQ(PlaceOf({.method = Method::kRms}, shape, element).group, 1);
  EXPECT_EQ(PlaceOf({.method = Method::kInstance}, shape, element).group, 10);
  EXPECT_EQ(PlaceOf({.method = Method::kGroup, .groups = 3}, shape, element).group, 5);
  EXPECT_EQ(PlaceOf({.method = Method::kGroup, .groups = 3}, shape, element).affine, 4);
  EXPECT_EQ(PlaceOf({.method = Method::kLayer, .affine = Affine::kElement}, shape, element).affine,
            47);
  EXPECT_EQ(PlaceOf({.method = Method::kLayer, .affine = Affine::kNone}, shape, element).affine, 0);
}

}  // namespace
}  // namespace normbench
