// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/case_memory.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "tests/bench/micro/kernels/cases.h"

namespace normbench {
namespace {

TEST(CaseMemory, HasLanesOfTheirOwnWithTheSameValues) {
  const BenchCase one = MakeCase(Method::kLayer, "3x50", 1, {.add_before = true});
  const CaseMemory memory(one, 3);
  std::set<const void*> places;
  for (int64_t i = 0; i < 3; ++i) {
    const NativeBuffers& lane = memory.lane(i);
    EXPECT_EQ(std::memcmp(lane.norm.x, memory.logical().x, 600), 0);
    EXPECT_EQ(std::memcmp(lane.residual, memory.logical_residual(), 600), 0);
    EXPECT_NE(std::memcmp(lane.norm.x, lane.residual, 600), 0);
    EXPECT_EQ(lane.sum, nullptr);
    places.insert({lane.norm.x, lane.norm.y, lane.residual});
  }
  EXPECT_EQ(places.size(), 9u);
  EXPECT_EQ(memory.lane(4).norm.x, memory.lane(1).norm.x);
}

TEST(CaseMemory, RmsNormHasNoBeta) {
  const CaseMemory memory(MakeCase(Method::kRms, "2x5"), 1);
  EXPECT_NE(memory.lane(0).norm.gamma, nullptr);
  EXPECT_EQ(memory.lane(0).norm.beta, nullptr);
  EXPECT_EQ(memory.logical().beta, nullptr);
}

TEST(CaseMemory, SpoilsResultsOnly) {
  BenchCase one = MakeCase(Method::kLayer, "2x8", 1, {.add_before = true});
  one.keeps_sum = true;
  CaseMemory memory(one, 1);
  memory.Spoil();
  const NativeBuffers& lane = memory.lane(0);
  for (int i = 0; i < 16; ++i) {
    EXPECT_TRUE(std::isnan(static_cast<const float*>(lane.norm.y)[i]));
    EXPECT_TRUE(std::isnan(static_cast<const float*>(lane.sum)[i]));
    EXPECT_FALSE(std::isnan(static_cast<const float*>(lane.norm.x)[i]));
  }
}

TEST(ColdLanes, TouchMoreThanTwiceTheCache) {
  const BenchCase one = MakeCase(Method::kLayer, "256x64");  // 128 KiB for x and y
  EXPECT_EQ(ColdLanes(one, 1 << 20), 18);
  EXPECT_GT((ColdLanes(one, 1 << 20) - 1) * AlgorithmicBytes(one), 2 << 20);
}

}  // namespace
}  // namespace normbench
