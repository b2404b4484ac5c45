// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/error_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "bench/norm/accuracy.h"
#include "bench/norm/case_data.h"
#include "bench/norm/group_rms.h"
#include "tests/bench/norm/float_norm.h"

namespace normbench {
namespace {

// A case with its reference and its bound; x is N(offset, 1).
class Case {
 public:
  Case(const NormSpec& spec, std::string_view shape, float offset = 0, DType dtype = DType::kF32)
      : spec_(spec),
        shape_(Shape::Parse(shape).value()),
        dtype_(dtype),
        data_(spec_, shape_, Distribution::kNormal, 3, 0, {dtype, Layout::kNchw}),
        x_(data_.x()),
        inputs_(data_.inputs()) {
    for (float& value : x_) value = static_cast<float>(RoundTo(dtype, value + offset));
    inputs_.x = x_.data();
    reference_ = ReferenceNorm(spec_, shape_, inputs_);
    conditioning_ = ConditioningOf(spec_, shape_, inputs_, reference_);
    bound_ = ErrorBound(spec_, shape_, dtype_, conditioning_);
  }

  double Error(std::span<const float> y) const {
    return Compare(spec_, shape_, dtype_, reference_, y).err_scaled;
  }
  double ErrorOfFloat32(Mistake mistake = Mistake::kNone) const {
    return Error(FloatNorm(spec_, shape_, inputs_, mistake));
  }
  // Computed in float32, rounded once; RMS norm once more before gamma.
  double ErrorOfRounded() const {
    NormBuffers in = inputs_;
    const bool twice = spec_.method == Method::kRms && spec_.affine == Affine::kChannel;
    NormSpec first = spec_;
    if (twice) {
      first.affine = Affine::kNone;
      in.gamma = in.beta = nullptr;
    }
    std::vector<float> y = FloatNorm(first, shape_, in);
    for (int64_t i = 0; i < shape_.elements(); ++i) {
      y[i] = static_cast<float>(RoundTo(dtype_, y[i]));
      const int64_t c = PlaceOf(spec_, shape_, i).affine;
      if (twice)
        y[i] = static_cast<float>(RoundTo(dtype_, y[i] * inputs_.gamma[c] + inputs_.beta[c]));
    }
    return Error(y);
  }

  const NormSpec& spec() const { return spec_; }
  const Shape& shape() const { return shape_; }
  const ReferenceResult& reference() const { return reference_; }
  const Conditioning& conditioning() const { return conditioning_; }
  double bound() const { return bound_; }

 private:
  NormSpec spec_;
  Shape shape_;
  DType dtype_;
  CaseData data_;
  std::vector<float> x_;
  NormBuffers inputs_;
  ReferenceResult reference_;
  Conditioning conditioning_;
  double bound_ = 0;
};

std::vector<NormSpec> AllSpecs() {
  std::vector<NormSpec> specs;
  for (Affine affine : {Affine::kNone, Affine::kChannel}) {
    specs.push_back({.method = Method::kBatch, .affine = affine});
    specs.push_back({.method = Method::kBatch, .stats = StatsSource::kBatch, .affine = affine});
    specs.push_back({.method = Method::kLayer, .affine = affine});
    specs.push_back({.method = Method::kInstance, .affine = affine});
    specs.push_back({.method = Method::kGroup, .groups = 8, .affine = affine});
    specs.push_back({.method = Method::kRms, .affine = affine});
  }
  return specs;
}

constexpr std::string_view kShapes[] = {"2x16x7x7", "8x32x14x14", "16x64", "2x8x1x1", "1x8x40x40"};

TEST(ErrorBound, HoldsForBlockedFloat32) {
  for (const NormSpec& spec : AllSpecs()) {
    for (std::string_view shape : kShapes) {
      for (float offset : {0.0f, 1.0f, -10.0f, 100.0f, 1000.0f}) {
        const Case c(spec, shape, offset);
        EXPECT_LE(c.ErrorOfFloat32(), c.bound())
            << Name(spec.method) << " " << Name(spec.affine) << " " << shape << " + " << offset;
      }
    }
  }
}

// A bound that anything satisfies is none: on well-conditioned data it stays near what is shown.
TEST(ErrorBound, IsNotFarAboveWhatFloat32Shows) {
  for (const NormSpec& spec : AllSpecs()) {
    const Case c(spec, "8x32x14x14");
    EXPECT_LT(c.bound(), 16 * c.ErrorOfFloat32()) << Name(spec.method) << " " << Name(spec.affine);
    EXPECT_LT(c.bound(), 40) << Name(spec.method) << " " << Name(spec.affine);
  }
}

TEST(ErrorBound, IsBrokenByAnAnswerTenTimesWorse) {
  for (const NormSpec& spec : AllSpecs()) {
    const Case c(spec, "8x32x14x14");
    const std::vector<double> rms = GroupRms(c.spec(), c.shape(), c.reference());
    std::vector<float> y(c.reference().y.begin(), c.reference().y.end());
    const int64_t i = 777;
    const double size =
        std::max(std::abs(c.reference().y[i]), rms[PlaceOf(c.spec(), c.shape(), i).group]);
    y[i] = static_cast<float>(c.reference().y[i] + 10 * c.bound() * 0x1p-24 * size);
    EXPECT_GT(c.Error(y), 9 * c.bound()) << Name(spec.method);
  }
}

TEST(ErrorBound, HoldsForFloat32RoundedToHalf) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    for (const NormSpec& spec : AllSpecs()) {
      for (std::string_view shape : kShapes) {
        for (float offset : {0.0f, 1.0f, -10.0f, 100.0f}) {
          const Case c(spec, shape, offset, dtype);
          EXPECT_LE(c.ErrorOfRounded(), c.bound())
              << Name(dtype) << Name(spec.method) << " " << shape << " + " << offset;
        }
      }
    }
  }
}

// One rounding is in it, a second one, of what should have stayed float32, is not.
TEST(ErrorBound, OfHalfIsLittleMoreThanItsRounding) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    const Case layer({.method = Method::kLayer}, "8x32x14x14", 0, dtype);
    EXPECT_GT(layer.ErrorOfRounded(), 0.9);
    EXPECT_LT(layer.bound(), 1.02);
    const Case rms({.method = Method::kRms}, "8x32x14x14", 0, dtype);
    EXPECT_GT(rms.ErrorOfRounded(), layer.bound());
    EXPECT_LT(rms.bound(), 5);
  }
}

TEST(ErrorBound, OfHalfIsBrokenByAnAnswerTenTimesWorse) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    for (const NormSpec& spec : AllSpecs()) {
      const Case c(spec, "8x32x14x14", 0, dtype);
      std::vector<float> y(c.reference().y.begin(), c.reference().y.end());
      const std::vector<double> rms = GroupRms(c.spec(), c.shape(), c.reference());
      const double size =
          std::max(std::abs(y[777] * 1.0), rms[PlaceOf(c.spec(), c.shape(), 777).group]);
      y[777] += static_cast<float>(10 * c.bound() * UnitRoundoff(dtype) * size);
      EXPECT_GT(c.Error(y), 9 * c.bound()) << Name(dtype) << Name(spec.method);
    }
  }
}

// Groups so much smaller than eps that float16 has but a few digits for what is left of them.
TEST(ErrorBound, OfHalfKnowsSubnormalResults) {
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 1e9};
  const Case c(spec, "2x16x7x7", 0, DType::kF16);
  EXPECT_LE(c.ErrorOfRounded(), c.bound());
  EXPECT_GT(c.ErrorOfRounded(), 1.1);
}

TEST(ErrorBound, OfFoldedBatchNormIsTwoRoundings) {
  const NormSpec spec = {.method = Method::kBatch, .stats = StatsSource::kFolded};
  const Shape shape = Shape::Parse("2x8x4x4").value();
  EXPECT_EQ(ErrorBound(spec, shape, DType::kF32, {.mean = 9, .result = 1.5, .offset = 9}), 2.5);
}

// Each of these is a bug somebody made once. Short groups, visible eps: as in the smoke sweeps.
TEST(ErrorBound, IsFarExceededByMistakes) {
  for (NormSpec spec : AllSpecs()) {
    if (!ComputesStatistics(spec)) continue;
    spec.eps = 1e-2;
    const Case c(spec, "4x16x7x7");
    for (Mistake mistake : {Mistake::kUnbiasedVariance, Mistake::kEpsOutsideRoot,
                            Mistake::kNeighbouringGroup, Mistake::kNextGamma}) {
      if (mistake == Mistake::kNextGamma && spec.affine == Affine::kNone) continue;
      EXPECT_GT(c.ErrorOfFloat32(mistake), 100 * c.bound())
          << Name(spec.method) << " " << Name(spec.affine) << " " << static_cast<int>(mistake);
    }
  }
}

TEST(ErrorBound, IsExceededByMistakesInRunningStatistics) {
  const Case c({.method = Method::kBatch}, "4x16x7x7");
  for (Mistake mistake : {Mistake::kNeighbouringGroup, Mistake::kNextGamma}) {
    EXPECT_GT(c.ErrorOfFloat32(mistake), 100 * c.bound());
  }
}

// E[x^2] - E[x]^2 is as good as any on centred data, and loses (|mean| * rstd)^2 elsewhere.
TEST(ErrorBound, IsExceededByTheTextbookVarianceOnIllConditionedData) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 8, .affine = Affine::kNone};
  const Case centred(spec, "8x32x14x14"), shifted(spec, "8x32x14x14", 100);
  EXPECT_LE(centred.ErrorOfFloat32(Mistake::kMeanSquareMinusMean), centred.bound());
  EXPECT_GT(shifted.ErrorOfFloat32(Mistake::kMeanSquareMinusMean), 2 * shifted.bound());
}

TEST(ErrorBound, GrowsWithTheOffsetOnlyWhereAMeanIsSubtracted) {
  const NormSpec layer = {.method = Method::kLayer, .affine = Affine::kNone};
  const NormSpec rms = {.method = Method::kRms, .affine = Affine::kNone};
  EXPECT_GT(Case(layer, "2x16x7x7", 1000).bound(), 50 * Case(layer, "2x16x7x7", 1).bound());
  EXPECT_NEAR(Case(rms, "2x16x7x7", 1000).bound(), Case(rms, "2x16x7x7").bound(), 1e-3);
}

TEST(ErrorBound, CountsNoReductionForRunningStatistics) {
  const Conditioning unit = {.mean = 1, .result = 1, .offset = 1};
  const Shape shape = Shape::Parse("8x32x14x14").value();
  EXPECT_EQ(ErrorBound({.method = Method::kBatch}, shape, DType::kF32, unit), 1 + 5 + 3);
  EXPECT_GT(ErrorBound({.method = Method::kBatch, .stats = StatsSource::kBatch}, shape, DType::kF32,
                       unit),
            15);
}

// A group of one element has its mean exactly: no error but those of the last steps.
TEST(ErrorBound, CountsNoReductionForGroupsOfOne) {
  const Conditioning unit = {.mean = 1, .result = 1, .offset = 1};
  EXPECT_EQ(
      ErrorBound({.method = Method::kInstance}, Shape::Parse("3x4").value(), DType::kF32, unit),
      1 + 5 + 3);
}

// x = 3, 5 in one group without eps to speak of: mean 4, rstd 1, result -1, 1, d = 1.
TEST(ConditioningOf, KnowsOneCaseByHand) {
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 1e-300};
  const Shape shape = Shape::Parse("1x2").value();
  const std::vector<float> x = {3, 5};
  const NormBuffers in = {.x = x.data()};
  const Conditioning c = ConditioningOf(spec, shape, in, ReferenceNorm(spec, shape, in));
  EXPECT_NEAR(c.mean, 4, 1e-12);
  EXPECT_NEAR(c.result, 1, 1e-12);
  EXPECT_NEAR(c.offset, std::sqrt(16 + 6 * 1.0 / 2), 1e-12);
}

// gamma (x - mean) rstd = 1 meets beta = -1: two terms of size 1 make 0, in a group of rms sqrt(2).
TEST(ConditioningOf, SeesTermsThatCancel) {
  const NormSpec spec = {.method = Method::kLayer, .eps = 1e-300};
  const Shape shape = Shape::Parse("1x2").value();
  const std::vector<float> x = {-1, 1}, gamma = {1, 1}, beta = {-1, -1};
  const NormBuffers in = {.x = x.data(), .gamma = gamma.data(), .beta = beta.data()};
  const Conditioning c = ConditioningOf(spec, shape, in, ReferenceNorm(spec, shape, in));
  EXPECT_NEAR(c.result, 2 / std::sqrt(2.0), 1e-12);
}

TEST(ConditioningOf, MakesNoPromiseForAGroupThatIsAllZero) {
  const Case constant({.method = Method::kInstance, .affine = Affine::kNone}, "3x4");
  EXPECT_EQ(constant.bound(), std::numeric_limits<double>::infinity());
}

TEST(ConditioningOf, IsNotPoisonedByANanInAnotherGroup) {
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 1e-300};
  const Shape shape = Shape::Parse("2x2").value();
  const std::vector<float> x = {3, 5, std::numeric_limits<float>::quiet_NaN(), 1};
  const NormBuffers in = {.x = x.data()};
  const Conditioning c = ConditioningOf(spec, shape, in, ReferenceNorm(spec, shape, in));
  EXPECT_NEAR(c.mean, 4, 1e-12);
  EXPECT_NEAR(c.result, 1, 1e-12);
}

}  // namespace
}  // namespace normbench
