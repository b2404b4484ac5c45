// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/bench_case.h"

#include <gmock/gmock.h>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

TEST(BenchCase, HasALabelForPeople) {
  EXPECT_EQ(Label(MakeCase(Method::kGroup, "1x64x7x7", 32)), "group 1x64x7x7 g=32 f32 nchw");
  EXPECT_EQ(Label(MakeCase(Method::kBatch, "1x64x7x7")), "batch running stats 1x64x7x7 f32 nchw");
  EXPECT_EQ(Label(MakeCase(Method::kGroup, "1x64x7x7", 8, {.activation = Activation::kSilu},
                           {DType::kBf16, Layout::kNhwc})),
            "group+silu 1x64x7x7 g=8 bf16 nhwc");
}

TEST(BenchCase, CountsTheBytesThatTheDefinitionMustMove) {
  BenchCase plain = MakeCase(Method::kLayer, "2x100");
  EXPECT_EQ(TensorBytes(plain), 800);
  EXPECT_EQ(AlgorithmicBytes(plain), 1600);
  plain.problem.fusion.add_before = true;
  EXPECT_EQ(AlgorithmicBytes(plain), 2400);
  plain.keeps_sum = true;
  EXPECT_EQ(AlgorithmicBytes(plain), 3200);
  EXPECT_EQ(FusionText(plain), "add_before+keep_sum");
}

TEST(BenchCase, AnActivationMovesNothing) {
  const BenchCase silu = MakeCase(Method::kLayer, "2x100", 1, {.activation = Activation::kSilu},
                                  {DType::kF16, Layout::kNchw});
  EXPECT_EQ(AlgorithmicBytes(silu), 800);
}

}  // namespace
}  // namespace normbench
