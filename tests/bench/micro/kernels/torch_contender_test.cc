// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/torch_contender.h"

#include <gmock/gmock.h>

#include "bench/micro/kernels/verify.h"
#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

void ExpectRight(const BenchCase& one) {
  CaseMemory memory(one, 1);
  const CaseReference reference = MakeReference(one, memory);
  for (const int threads : {1, 2}) {
    const auto bound = MakeTorchContender()->Bind(one, memory, threads);
    ASSERT_TRUE(bound.ok()) << Label(one) << bound.status();
    const auto seen = Verify(one, reference, memory, **bound);
    ASSERT_TRUE(seen.ok()) << Label(one) << seen.status();
    EXPECT_TRUE(seen->right()) << Label(one) << " " << seen->accuracy.err_scaled << " of "
                               << seen->bound;
  }
}

TEST(TorchContender, IsRightForEveryMethodDTypeAndLayout) {
  for (const Method method : kMethods) {
    for (const DType dtype : kDTypes) {
      for (const Layout layout : kLayouts) {
        ExpectRight(
            MakeCase(method, "2x8x5x5", method == Method::kGroup ? 4 : 1, {}, {dtype, layout}));
      }
    }
    if (method != Method::kInstance) ExpectRight(MakeCase(method, "6x40", 1));
  }
}

TEST(TorchContender, IsRightForEveryStatsSource) {
  for (const StatsSource stats :
       {StatsSource::kRunning, StatsSource::kBatch, StatsSource::kFolded}) {
    BenchCase one = MakeCase(Method::kBatch, "3x8x5x5");
    one.problem.spec.stats = stats;
    ExpectRight(one);
  }
}

TEST(TorchContender, ComposesWhatIsFusedElsewhere) {
  for (const Layout layout : kLayouts) {
    for (const Activation activation : {Activation::kRelu, Activation::kSilu}) {
      for (const bool adds : {false, true}) {
        ExpectRight(MakeCase(Method::kGroup, "2x8x5x5", 4,
                             {.add_after = adds, .activation = activation}, {DType::kF32, layout}));
      }
    }
  }
  for (const Method method : {Method::kLayer, Method::kRms}) {
    for (const bool keeps : {false, true}) {
      BenchCase one = MakeCase(method, "6x40", 1, {.add_before = true});
      one.keeps_sum = keeps;
      ExpectRight(one);
    }
  }
}

TEST(TorchContender, RunsOnEveryLane) {
  const BenchCase one = MakeCase(Method::kBatch, "2x8x5x5");  // writes to y itself
  const CaseMemory memory(one, 3);
  const auto bound = MakeTorchContender()->Bind(one, memory, 1);
  ASSERT_TRUE(bound.ok());
  ASSERT_TRUE((*bound)->Run(2, 3).ok());
  for (int i = 1; i < 3; ++i) {
    EXPECT_EQ(std::memcmp(memory.lane(0).norm.y, memory.lane(i).norm.y, TensorBytes(one)), 0);
  }
}

}  // namespace
}  // namespace normbench
