// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/case_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace normbench {
namespace {

const Shape kShape = Shape::Parse("3x8x5x4").value();
const NormSpec kRunning = {.method = Method::kBatch};

CaseData Make(const NormSpec& spec, uint64_t seed = 1, uint64_t index = 0) {
  return CaseData(spec, kShape, Distribution::kNormal, seed, index);
}

TEST(CaseData, HasWhatItsSpecNeeds) {
  const CaseData running = Make(kRunning);
  EXPECT_EQ(running.x().size(), 480u);
  EXPECT_EQ(running.gamma().size(), 8u);
  EXPECT_EQ(running.beta().size(), 8u);
  EXPECT_EQ(running.mean().size(), 8u);
  EXPECT_EQ(running.variance().size(), 8u);
  const CaseData plain = Make({.method = Method::kGroup, .groups = 2, .affine = Affine::kNone});
  const NormBuffers inputs = plain.inputs();
  EXPECT_EQ(inputs.x, plain.x().data());
  EXPECT_EQ(inputs.gamma, nullptr);
  EXPECT_EQ(inputs.beta, nullptr);
  EXPECT_EQ(inputs.mean, nullptr);
  EXPECT_EQ(inputs.variance, nullptr);
  EXPECT_EQ(inputs.y, nullptr);
  EXPECT_EQ(Make({.method = Method::kRms, .affine = Affine::kElement}).gamma().size(), 160u);
}

TEST(CaseData, TakesXFromStreamZeroOfTheSeed) {
  std::vector<float> expected(480);
  Fill(Distribution::kNormal, 7, 0, expected);
  EXPECT_EQ(Make(kRunning, 7).x(), expected);
}

TEST(CaseData, IsTheSameForTheSameSeed) {
  EXPECT_EQ(Make(kRunning, 3).x(), Make(kRunning, 3).x());
  EXPECT_NE(Make(kRunning, 3).x(), Make(kRunning, 4).x());
  EXPECT_NE(Make(kRunning, 3).gamma(), Make(kRunning, 4).gamma());
}

TEST(CaseData, HasAnotherXButTheSameParametersAtAnotherIndex) {
  const CaseData first = Make(kRunning, 1, 0), second = Make(kRunning, 1, 1);
  EXPECT_EQ(first.gamma(), second.gamma());
  EXPECT_EQ(first.variance(), second.variance());
  std::set<float> values(first.x().begin(), first.x().end());
  for (float value : second.x()) EXPECT_FALSE(values.contains(value));
}

TEST(CaseData, KeepsParametersInTheirIntervals) {
  const Shape wide = Shape::Parse("1x20000").value();
  const CaseData data(kRunning, wide, Distribution::kUniform, 1);
  for (const std::vector<float>* positive : {&data.gamma(), &data.variance()}) {
    EXPECT_GE(*std::min_element(positive->begin(), positive->end()), 0.5f);
    EXPECT_LE(*std::max_element(positive->begin(), positive->end()), 1.5f);
    EXPECT_GT(*std::max_element(positive->begin(), positive->end()), 1.49f);
  }
  for (const std::vector<float>* centred : {&data.beta(), &data.mean()}) {
    EXPECT_GE(*std::min_element(centred->begin(), centred->end()), -1.0f);
    EXPECT_LT(*std::max_element(centred->begin(), centred->end()), 1.0f);
    EXPECT_LT(*std::min_element(centred->begin(), centred->end()), -0.99f);
  }
  EXPECT_NE(data.beta(), data.mean());
}

TEST(CaseData, IsExactInItsDType) {
  const CaseData data(kRunning, kShape, Distribution::kNormal, 1, 0, {DType::kBf16, Layout::kNhwc});
  for (const std::vector<float>* values : {&data.x(), &data.gamma(), &data.beta()}) {
    for (float value : *values) EXPECT_EQ(value, RoundTo(DType::kBf16, value));
  }
  const CaseData wide = Make(kRunning);
  EXPECT_EQ(data.mean(), wide.mean());
  for (size_t i = 0; i < data.x().size(); ++i) {
    EXPECT_EQ(data.x()[i], RoundTo(DType::kBf16, wide.x()[i]));
  }
  std::vector<float> unpacked(data.x().size());
  ASSERT_EQ(data.packed_x().size(), 2 * unpacked.size());
  Unpack({DType::kBf16, Layout::kNhwc}, kShape, data.packed_inputs().x, unpacked);
  EXPECT_EQ(unpacked, data.x());
  EXPECT_EQ(data.inputs().x, data.x().data());
  EXPECT_EQ(wide.packed_inputs().x, wide.x().data()) << "no copy where none is needed";
}

TEST(CaseData, HasTheMeanOfItsDistribution) {
  const CaseData normal = Make(kRunning);
  const CaseData shifted(kRunning, kShape, Distribution::kMean1e3, 1);
  for (size_t i = 0; i < normal.x().size(); ++i) {
    EXPECT_EQ(shifted.x()[i], normal.x()[i] + 1000.0f);
  }
}

TEST(CaseData, KnowsTheGroupsOfOutliersAndConstants) {
  const NormSpec group = {.method = Method::kGroup, .groups = 2};
  const CaseData outlier(group, kShape, Distribution::kOutlier, 1);
  const CaseData constant(group, kShape, Distribution::kConstant, 1);
  const CaseData normal(group, kShape, Distribution::kNormal, 1);
  const size_t length = 4 * 20;
  for (size_t i = 0; i < normal.x().size(); ++i) {
    const size_t first = i - i % length;
    EXPECT_EQ(outlier.x()[i], i == first ? 1e4f : normal.x()[i]) << i;
    EXPECT_EQ(constant.x()[i], normal.x()[first]) << i;
  }
}

TEST(CaseData, SaysWhatItsDTypeCannotHold) {
  EXPECT_EQ(Validate(Distribution::kMean1e5, DType::kF16).message(),
            "data: mean1e5 with dtype f16; allowed: up to mean1e4, as f16 ends at 65504");
  EXPECT_TRUE(Validate(Distribution::kMean1e5, DType::kBf16).ok());
  EXPECT_TRUE(Validate(Distribution::kOutlier, DType::kF16).ok());
}

}  // namespace
}  // namespace normbench
