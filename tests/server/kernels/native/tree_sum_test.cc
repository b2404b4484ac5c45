// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/tree_sum.h"

#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

TEST(TreeSum, IsTheSum) {
  std::vector<float> values;
  for (int64_t n = 0; n <= 100; ++n) {
    EXPECT_EQ(TreeSum(values.data(), n), static_cast<double>(n * (n + 1) / 2)) << n;
    values.push_back(static_cast<float>(n + 1));
  }
}

// 1 is lost beside 1e16 unless both ends of the tree are joined in this order.
TEST(TreeSum, AddsInLanesOfEight) {
  std::vector<double> values(16, 0.0);
  values[0] = 1e16;
  values[8] = -1e16;  // the same lane
  values[1] = 1;
  EXPECT_EQ(TreeSum(values.data(), 16), 1);
  values[8] = 0;
  values[4] = -1e16;  // joined first
  EXPECT_EQ(TreeSum(values.data(), 16), 1);
  values[4] = 0;
  values[5] = -1e16;  // joined with the lane of 1: it is lost
  EXPECT_EQ(TreeSum(values.data(), 16), 0);
}

}  // namespace
}  // namespace normbench
