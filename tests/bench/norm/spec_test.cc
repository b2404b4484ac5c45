// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/spec.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace normbench {
namespace {

const Shape kImage = Shape::Parse("2x6x3x5").value();

std::string ErrorOf(const NormSpec& spec, const Shape& shape = kImage) {
  const absl::Status status = Validate(spec, shape);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Validate, AcceptsEveryMethod) {
  for (Method method : kMethods) EXPECT_TRUE(Validate({.method = method}, kImage).ok());
  EXPECT_TRUE(Validate({.method = Method::kBatch, .stats = StatsSource::kBatch}, kImage).ok());
  for (int64_t groups : {1, 2, 3, 6}) {
    EXPECT_TRUE(Validate({.method = Method::kGroup, .groups = groups}, kImage).ok()) << groups;
  }
  EXPECT_TRUE(
      Validate({.method = Method::kLayer, .groups = 0, .affine = Affine::kElement}, kImage).ok());
  EXPECT_TRUE(Validate({.method = Method::kRms, .affine = Affine::kElement}, kImage).ok());
}

TEST(Validate, RefusesEps) {
  const std::string allowed = "; allowed: finite, at least 1.17549e-38 (2^-126)";
  EXPECT_EQ(ErrorOf({.eps = 0}), "eps: 0" + allowed);
  EXPECT_EQ(ErrorOf({.eps = -1e-5}), "eps: -1e-05" + allowed);
  EXPECT_EQ(ErrorOf({.eps = std::numeric_limits<double>::quiet_NaN()}), "eps: nan" + allowed);
  EXPECT_EQ(ErrorOf({.eps = std::numeric_limits<double>::infinity()}), "eps: inf" + allowed);
}

// One that float32 would turn into 0 would divide by it.
TEST(Validate, TakesOnlyAnEpsThatFloat32Has) {
  EXPECT_TRUE(Validate({.eps = std::numeric_limits<float>::min()}, kImage).ok());
  EXPECT_EQ(ErrorOf({.eps = 1e-40}), "eps: 1e-40; allowed: finite, at least 1.17549e-38 (2^-126)");
}

TEST(Validate, RefusesGroups) {
  EXPECT_EQ(ErrorOf({.method = Method::kGroup, .groups = 0}),
            "groups: 0; allowed: 1 .. 6, the channels of the shape");
  EXPECT_EQ(ErrorOf({.method = Method::kGroup, .groups = -2}),
            "groups: -2; allowed: 1 .. 6, the channels of the shape");
  EXPECT_EQ(ErrorOf({.method = Method::kGroup, .groups = 7}),
            "groups: 7; allowed: 1 .. 6, the channels of the shape");
  EXPECT_EQ(ErrorOf({.method = Method::kGroup, .groups = 4}),
            "groups: 4; allowed: divisors of the 6 channels of the shape");
  EXPECT_EQ(ErrorOf({.method = Method::kLayer, .groups = 2}),
            "groups: 2 with norm layer; allowed: only group norm has groups");
}

TEST(Validate, RefusesAffineAndStatsOfAnotherMethod) {
  for (const auto& [method, name] : {std::pair{Method::kBatch, "batch"},
                                     {Method::kInstance, "instance"},
                                     {Method::kGroup, "group"}}) {
    EXPECT_EQ(ErrorOf({.method = method, .affine = Affine::kElement}),
              "affine: element with norm " + std::string(name) +
                  "; allowed: none, channel (element: layer, rms)");
  }
  EXPECT_EQ(ErrorOf({.method = Method::kGroup, .stats = StatsSource::kBatch}),
            "stats: batch with norm group; allowed: only batch norm has a choice of statistics");
}

struct Expected {
  NormSpec spec;
  int64_t groups, length;
};

TEST(Geometry, CountsGroupsAndTheirElements) {
  for (const Expected& e :
       {Expected{{.method = Method::kBatch}, 6, 30}, Expected{{.method = Method::kLayer}, 2, 90},
        Expected{{.method = Method::kRms}, 2, 90}, Expected{{.method = Method::kInstance}, 12, 15},
        Expected{{.method = Method::kGroup, .groups = 3}, 6, 30}}) {
    const StatsGeometry geometry = Geometry(e.spec, kImage);
    EXPECT_EQ(geometry.groups, e.groups) << Name(e.spec.method);
    EXPECT_EQ(geometry.length, e.length) << Name(e.spec.method);
  }
  EXPECT_EQ(Geometry({.method = Method::kInstance}, Shape::Parse("3x4").value()).length, 1);
}

TEST(AffineElements, AreNoneOneAChannelOrOneAnElement) {
  EXPECT_EQ(AffineElements({.affine = Affine::kNone}, kImage), 0);
  EXPECT_EQ(AffineElements({.affine = Affine::kChannel}, kImage), 6);
  EXPECT_EQ(AffineElements({.method = Method::kLayer, .affine = Affine::kElement}, kImage), 90);
}

TEST(ComputesStatistics, IsFalseOnlyForBatchNormWithRunningOnes) {
  EXPECT_FALSE(ComputesStatistics({.method = Method::kBatch}));
  EXPECT_TRUE(ComputesStatistics({.method = Method::kBatch, .stats = StatsSource::kBatch}));
  EXPECT_TRUE(ComputesStatistics({.method = Method::kGroup}));
}

TEST(FoldedBatchNorm, NeedsItsParametersAndHasNoStatistics) {
  NormSpec spec = {.method = Method::kBatch, .stats = StatsSource::kFolded};
  const Shape shape = Shape::Parse("2x4").value();
  EXPECT_TRUE(Validate(spec, shape).ok());
  EXPECT_TRUE(IsFolded(spec));
  EXPECT_FALSE(ComputesStatistics(spec) || TakesStatistics(spec) || HasMean(spec) || HasRstd(spec));
  spec.affine = Affine::kNone;
  EXPECT_EQ(Validate(spec, shape).message(),
            "affine: none with stats folded; allowed: channel, the scale and bias it is about");
  spec = {.method = Method::kGroup, .stats = StatsSource::kFolded};
  EXPECT_FALSE(Validate(spec, shape).ok());
}

TEST(HasStatistics, DependsOnTheMethod) {
  EXPECT_TRUE(HasMean({.method = Method::kLayer}) && HasRstd({.method = Method::kLayer}));
  EXPECT_TRUE(!HasMean({.method = Method::kRms}) && HasRstd({.method = Method::kRms}));
  EXPECT_TRUE(TakesStatistics({.method = Method::kBatch}));
  EXPECT_FALSE(TakesStatistics({.method = Method::kBatch, .stats = StatsSource::kBatch}));
}

}  // namespace
}  // namespace normbench
