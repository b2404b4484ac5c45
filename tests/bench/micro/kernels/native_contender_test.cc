// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/native_contender.h"

#include <gmock/gmock.h>

#include "bench/micro/kernels/verify.h"
#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

TEST(NativeContender, IsRightWithOneThreadAndTwoOnEveryLane) {
  BenchCase one = MakeCase(Method::kLayer, "20x100", 1, {.add_before = true});
  one.keeps_sum = true;
  const auto contender = MakeNativeContender(Stores::kPlain, "");
  ASSERT_TRUE(contender.ok()) << contender.status();
  for (const int threads : {1, 2}) {
    CaseMemory memory(one, 2);
    const auto bound = (*contender)->Bind(one, memory, threads);
    ASSERT_TRUE(bound.ok()) << bound.status();
    const auto seen = Verify(one, MakeReference(one, memory), memory, **bound);
    ASSERT_TRUE(seen.ok());
    EXPECT_TRUE(seen->right());
    EXPECT_NE((*bound)->description(), "");
    ASSERT_TRUE((*bound)->Run(1, 1).ok());
    EXPECT_EQ(std::memcmp(memory.lane(0).norm.y, memory.lane(1).norm.y, TensorBytes(one)), 0);
  }
}

TEST(NativeContender, IsNamedByItsStores) {
  EXPECT_EQ((*MakeNativeContender(Stores::kPlain, ""))->name(), "native");
  EXPECT_EQ((*MakeNativeContender(Stores::kStreaming, ""))->name(), "native/streaming");
  EXPECT_EQ((*MakeNativeContender(Stores::kChosen, ""))->name(), "native/chosen");
}

TEST(NativeContender, AnUnknownIsaIsAMistake) {
  EXPECT_TRUE(absl::IsInvalidArgument(MakeNativeContender(Stores::kPlain, "MMX").status()));
}

}  // namespace
}  // namespace normbench
