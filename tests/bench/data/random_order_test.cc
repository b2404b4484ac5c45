// SPDX-License-Identifier: Apache-2.0
// The literals come from a Python program with its own Philox4x32-10.
#include "bench/data/random_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RandomOrderTest, Literals) {
  EXPECT_THAT(RandomOrder(1, 0, 10), ElementsAre(5, 7, 6, 0, 3, 8, 2, 9, 4, 1));
  EXPECT_THAT(RandomOrder(1, 1, 10), ElementsAre(1, 2, 7, 4, 9, 5, 3, 0, 6, 8));
  EXPECT_THAT(RandomOrder(2, 0, 10), ElementsAre(5, 9, 8, 4, 2, 7, 0, 1, 3, 6));
}

TEST(RandomOrderTest, SmallCounts) {
  EXPECT_THAT(RandomOrder(1, 0, 0), IsEmpty());
  EXPECT_THAT(RandomOrder(1, 0, 1), ElementsAre(0));
}

TEST(RandomOrderTest, IsAPermutation) {
  std::vector<uint32_t> order = RandomOrder(7, 3, 60000);
  std::ranges::sort(order);
  for (uint32_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
}

// Every element comes first equally often: 6000 orders of 6, expectation 1000, about 4.5
// deviations.
TEST(RandomOrderTest, FirstPlaceIsFair) {
  std::vector<int> first(6);
  for (uint64_t stream = 0; stream < 6000; ++stream) ++first[RandomOrder(1, stream, 6)[0]];
  for (const int count : first) EXPECT_NEAR(count, 1000, 130);
}

}  // namespace
}  // namespace normbench
