// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/verify.h"

#include <gmock/gmock.h>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

class Idle final : public BoundContender {
 public:
  absl::Status Run(int64_t, int64_t) override { return absl::OkStatus(); }
};

Verification Seen(const BenchCase& one, float factor, CaseReference reference, CaseMemory& memory) {
  auto bound = FakeContender("fake", factor).Bind(one, memory, 1);
  EXPECT_TRUE(bound.ok());
  const auto seen = Verify(one, reference, memory, **bound);
  EXPECT_TRUE(seen.ok());
  return *seen;
}

TEST(Verify, TellsRightFromWrong) {
  const BenchCase one = MakeCase(Method::kGroup, "2x8x5x5", 4, {}, {DType::kF32, Layout::kNhwc});
  CaseMemory memory(one, 1);
  const CaseReference reference = MakeReference(one, memory);
  EXPECT_TRUE(Seen(one, 1, reference, memory).right());
  EXPECT_FALSE(Seen(one, 1.0001f, reference, memory).right());
}

TEST(Verify, SeesWhatIsNotWritten) {
  const BenchCase one = MakeCase(Method::kGroup, "2x8x5x5", 4);
  CaseMemory memory(one, 1);
  Idle idle;
  const auto seen = Verify(one, MakeReference(one, memory), memory, idle);
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->accuracy.nonfinite_mismatches, 400);
  EXPECT_FALSE(seen->right());
}

TEST(Verify, AKeptSumHasToBeExact) {
  BenchCase one = MakeCase(Method::kLayer, "3x7", 1, {.add_before = true});
  one.keeps_sum = true;
  CaseMemory memory(one, 1);
  CaseReference reference = MakeReference(one, memory);
  EXPECT_TRUE(Seen(one, 1, reference, memory).right());
  reference.sum[3] += 1e-3f;
  const Verification seen = Seen(one, 1, reference, memory);
  EXPECT_FALSE(seen.sum_right);
  EXPECT_FALSE(seen.right());
}

}  // namespace
}  // namespace normbench
