// SPDX-License-Identifier: Apache-2.0
// Expected values: scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue (SciPy 1.x).
#include "bench/stats/mcnemar.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(McNemar, KnownValues) {
  EXPECT_DOUBLE_EQ(McNemarP(0, 1), 1.0);
  EXPECT_DOUBLE_EQ(McNemarP(0, 5), 0.0625);
  EXPECT_DOUBLE_EQ(McNemarP(1, 6), 0.125);
  EXPECT_DOUBLE_EQ(McNemarP(9, 1), 0.021484375);
  EXPECT_NEAR(McNemarP(10, 20), 0.09873714670538905, 1e-14);
  EXPECT_NEAR(McNemarP(100, 151), 0.001548188600119571, 1e-14);
  EXPECT_NEAR(McNemarP(59, 6), 4.964650327128616e-12, 1e-22);
  EXPECT_NEAR(McNemarP(2000, 2304), 3.8303717488015915e-06, 1e-16);
}

TEST(McNemar, Symmetric) {
  EXPECT_DOUBLE_EQ(McNemarP(3, 14), McNemarP(14, 3));
}

TEST(McNemar, EqualPairsSayNothing) {
  EXPECT_EQ(McNemarP(0, 0), 1);
  EXPECT_EQ(McNemarP(3, 3), 1);
  EXPECT_EQ(McNemarP(1000, 1000), 1);
}

}  // namespace
}  // namespace normbench
