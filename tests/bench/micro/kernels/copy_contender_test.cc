// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/copy_contender.h"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

TEST(CopyContender, CopiesAllOfEveryLane) {
  const BenchCase one = MakeCase(Method::kLayer, "31x333");
  const size_t bytes = TensorBytes(one);
  for (const CopyKind kind : {CopyKind::kPlain, CopyKind::kStreaming}) {
    for (const int threads : {1, 2, 3}) {
      const CaseMemory memory(one, 3);
      const auto bound = MakeCopyContender(kind)->Bind(one, memory, threads);
      ASSERT_TRUE(bound.ok());
      ASSERT_TRUE((*bound)->Run(1, 3).ok());
      for (int i = 0; i < 3; ++i) {
        const NormBuffers& lane = memory.lane(i).norm;
        EXPECT_EQ(std::memcmp(lane.x, lane.y, bytes), 0);
      }
      EXPECT_EQ((*bound)->streams(), kind == CopyKind::kStreaming);
    }
  }
}

TEST(StreamCopy, TakesAnySizeAndAlignment) {
  std::vector<unsigned char> from(400);
  std::iota(from.begin(), from.end(), 0);
  for (size_t offset : {0, 1, 16, 63}) {
    for (size_t size : {0, 1, 63, 64, 65, 200}) {
      std::vector<unsigned char> to(400, 255);
      StreamCopy(reinterpret_cast<std::byte*>(to.data() + offset),
                 reinterpret_cast<const std::byte*>(from.data() + 3), size);
      std::vector<unsigned char> expected(400, 255);
      std::copy_n(from.begin() + 3, size, expected.begin() + static_cast<int64_t>(offset));
      EXPECT_EQ(to, expected) << offset << " " << size;
    }
  }
}

TEST(PartBegin, IsAtWholeLinesAndCoversAll) {
  EXPECT_EQ(PartBegin(1000, 0, 3), 0u);
  EXPECT_EQ(PartBegin(1000, 1, 3), 320u);
  EXPECT_EQ(PartBegin(1000, 2, 3), 640u);
  EXPECT_EQ(PartBegin(1000, 3, 3), 1000u);
}

}  // namespace
}  // namespace normbench
