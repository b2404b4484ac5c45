// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/case_reference.h"

#include <gmock/gmock.h>

#include <cmath>

#include "bench/norm/accuracy.h"
#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

using ::testing::DoubleNear;

// The same in float32, one step after the other, as separate operators would.
std::vector<float> InSteps(const BenchCase& one, const CaseMemory& memory) {
  const NativeProblem& problem = one.problem;
  const DType dtype = problem.format.dtype;
  BenchCase plain = one;
  plain.problem.fusion = {};
  std::vector<float> y;
  for (double value : MakeReference(plain, memory).result.y) {
    auto z = static_cast<float>(RoundTo(dtype, value));
    const size_t i = y.size();
    if (problem.fusion.add_after) {
      z = static_cast<float>(RoundTo(dtype, z + memory.logical_residual()[i]));
    }
    if (problem.fusion.activation == Activation::kRelu) z = std::max(z, 0.0f);
    if (problem.fusion.activation == Activation::kSilu) z = z / (1 + std::exp(-z));
    y.push_back(static_cast<float>(RoundTo(dtype, z)));
  }
  return y;
}

TEST(CaseReference, OfAPlainNormIsTheReference) {
  const BenchCase one = MakeCase(Method::kGroup, "2x8x5x5", 4);
  const CaseMemory memory(one, 1);
  const CaseReference reference = MakeReference(one, memory);
  EXPECT_EQ(reference.result.y,
            ReferenceNorm(one.problem.spec, one.problem.shape, memory.logical()).y);
  EXPECT_GT(reference.bound, 10);
  EXPECT_TRUE(reference.sum.empty());
}

TEST(CaseReference, AddsBeforeAndKeepsTheRoundedSum) {
  BenchCase one =
      MakeCase(Method::kRms, "2x6", 1, {.add_before = true}, {DType::kBf16, Layout::kNchw});
  one.keeps_sum = true;
  const CaseMemory memory(one, 1);
  const CaseReference reference = MakeReference(one, memory);
  ASSERT_EQ(reference.sum.size(), 12u);
  NormBuffers in = memory.logical();
  for (int i = 0; i < 12; ++i) {
    const double exact =
        static_cast<double>(static_cast<const float*>(in.x)[i]) + memory.logical_residual()[i];
    EXPECT_EQ(reference.sum[i], RoundTo(DType::kBf16, exact));
  }
  in.x = reference.sum.data();
  EXPECT_EQ(reference.result.y, ReferenceNorm(one.problem.spec, one.problem.shape, in).y);
}

class Epilogues : public testing::TestWithParam<std::tuple<bool, Activation, DType>> {};

TEST_P(Epilogues, AreRightStepByStepAndNotTenTimesTheBoundOff) {
  const auto [adds, activation, dtype] = GetParam();
  const BenchCase one =
      MakeCase(Method::kGroup, "2x8x9x9", 4, {.add_after = adds, .activation = activation},
               {dtype, Layout::kNchw});
  const CaseMemory memory(one, 1);
  const CaseReference reference = MakeReference(one, memory);
  std::vector<float> y = InSteps(one, memory);
  const NativeProblem& problem = one.problem;
  const auto error = [&] {
    return Compare(problem.spec, problem.shape, dtype, reference.result, y).err_scaled;
  };
  EXPECT_LE(error(), reference.bound);
  // An element well above zero, off by ten bounds.
  const size_t largest = std::max_element(y.begin(), y.end()) - y.begin();
  y[largest] *= static_cast<float>(1 + 11 * reference.bound * UnitRoundoff(dtype));
  EXPECT_GT(error(), 9 * reference.bound);
}

INSTANTIATE_TEST_SUITE_P(All, Epilogues,
                         testing::Combine(testing::Bool(),
                                          testing::Values(Activation::kRelu, Activation::kSilu),
                                          testing::Values(DType::kF32, DType::kBf16)));

TEST(CaseReference, SiluIsThatOfTheDefinition) {
  const BenchCase one = MakeCase(Method::kLayer, "1x4", 1, {.activation = Activation::kSilu});
  BenchCase plain = one;
  plain.problem.fusion = {};
  const CaseMemory memory(one, 1);
  const std::vector<double> z = MakeReference(plain, memory).result.y;
  const std::vector<double> y = MakeReference(one, memory).result.y;
  for (int i = 0; i < 4; ++i) EXPECT_THAT(y[i], DoubleNear(z[i] / (1 + std::exp(-z[i])), 1e-15));
}

}  // namespace
}  // namespace normbench
