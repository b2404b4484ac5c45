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

}  // namespace
}  // namespace normbench
