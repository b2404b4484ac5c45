// SPDX-License-Identifier: Apache-2.0
// Which there are; and that those of this program are right, the reference included.
#include "bench/micro/kernels/contenders.h"

#include <gmock/gmock.h>

#include "bench/micro/kernels/verify.h"
#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> NamesOf(const BenchOptions& options) {
  const auto contenders = MakeContenders(options);
  EXPECT_TRUE(contenders.ok()) << contenders.status();
  std::vector<std::string> names;
  for (const auto& one : *contenders) names.push_back(one->name());
  return names;
}

TEST(MakeContenders, WithoutAWishAllButTheCopyOfLibTorch) {
  EXPECT_THAT(NamesOf({}), ElementsAre("reference", "torch", "native", "copy"));
}

TEST(MakeContenders, ACopyForEachKindOfStores) {
  BenchOptions options;
  options.stores = {Stores::kPlain, Stores::kStreaming};
  options.contenders = {"native", "copy"};
  EXPECT_THAT(NamesOf(options),
              ElementsAre("native", "native/streaming", "copy", "copy/streaming"));
}

TEST(MakeContenders, ThoseAskedFor) {
  BenchOptions options;
  options.contenders = {"torch", "torch-copy"};
  EXPECT_THAT(NamesOf(options), ElementsAre("torch", "torch-copy"));
}

TEST(MakeContenders, AnUnknownIsaIsAMistake) {
  BenchOptions options;
  options.isa = "AVX3";
  EXPECT_TRUE(absl::IsInvalidArgument(MakeContenders(options).status()));
}

TEST(ReferenceContender, IsRightAndOffersSmallPlainNormsOnOneThread) {
  BenchOptions options;
  options.contenders = {"reference"};
  const auto contenders = MakeContenders(options);
  ASSERT_TRUE(contenders.ok());
  Contender& reference = *contenders->front();
  const BenchCase one = MakeCase(Method::kGroup, "2x8x5x5", 4, {}, {DType::kF32, Layout::kNhwc});
  CaseMemory memory(one, 1);
  auto bound = reference.Bind(one, memory, 1);
  ASSERT_TRUE(bound.ok()) << bound.status();
  const auto seen = Verify(one, MakeReference(one, memory), memory, **bound);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_TRUE(seen->right());
  EXPECT_TRUE(absl::IsUnimplemented(reference.Bind(one, memory, 2).status()));
  const BenchCase large = MakeCase(Method::kGroup, "2x8x65x65", 4);
  EXPECT_TRUE(absl::IsUnimplemented(reference.Bind(large, CaseMemory(large, 1), 1).status()));
}

}  // namespace
}  // namespace normbench
