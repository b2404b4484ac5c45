// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/torch_copy_contender.h"

#include <gmock/gmock.h>

#include <cstring>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

TEST(TorchCopyContender, CopiesAllOfEveryLane) {
  for (const Layout layout : kLayouts) {
    const BenchCase one = MakeCase(Method::kGroup, "2x8x5x5", 4, {}, {DType::kBf16, layout});
    for (const int threads : {1, 2}) {
      const CaseMemory memory(one, 3);
      const auto bound = MakeTorchCopyContender()->Bind(one, memory, threads);
      ASSERT_TRUE(bound.ok()) << bound.status();
      ASSERT_TRUE((*bound)->Run(1, 3).ok());
      for (int i = 0; i < 3; ++i) {
        const NormBuffers& lane = memory.lane(i).norm;
        EXPECT_EQ(std::memcmp(lane.x, lane.y, TensorBytes(one)), 0);
      }
    }
  }
  EXPECT_FALSE(MakeTorchCopyContender()->normalizes());
}

}  // namespace
}  // namespace normbench
