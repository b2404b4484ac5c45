// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/quantile_verdict.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

// SciPy 1.17.1: the smallest n with binom.cdf(over, n, 1 - q) <= 0.01.
TEST(JudgeQuantile, HoldsFromTheNumberOfRequestsThatSciPySays) {
  struct Row {
    double q;
    double over, needed;
  };
  for (const Row& row : {Row{0.5, 0, 7},
                         {0.5, 20, 59},
                         {0.9, 0, 44},
                         {0.9, 5, 127},
                         {0.99, 0, 459},
                         {0.99, 1, 662},
                         {0.99, 5, 1307},
                         {0.99, 20, 3304},
                         {0.999, 0, 4603},
                         {0.999, 20, 33097}}) {
    EXPECT_EQ(JudgeQuantile(row.needed, row.over, row.q, 0.99).verdict, Verdict::kHolds)
        << row.needed;
    const QuantileVerdict less = JudgeQuantile(row.needed - 1, row.over, row.q, 0.99);
    EXPECT_NE(less.verdict, Verdict::kHolds) << row.needed;
    EXPECT_EQ(less.more, less.verdict == Verdict::kUndecided ? 1 : 0) << row.needed;
  }
}

// SciPy 1.17.1: binom.sf(over - 1, n, 1 - q) is 0.0138 and 0.0069; 0.01001 and 0.0046; 0.0103 and
// 0.0095.
TEST(JudgeQuantile, FailsWhereSoManyWouldBeUnlikely) {
  EXPECT_EQ(JudgeQuantile(1000, 18, 0.99, 0.99).verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeQuantile(1000, 19, 0.99, 0.99).verdict, Verdict::kFails);
  EXPECT_EQ(JudgeQuantile(100, 18, 0.9, 0.99).verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeQuantile(100, 19, 0.9, 0.99).verdict, Verdict::kFails);
  EXPECT_EQ(JudgeQuantile(100'000, 1074, 0.99, 0.99).verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeQuantile(100'000, 1075, 0.99, 0.99).verdict, Verdict::kFails);
  EXPECT_EQ(JudgeQuantile(2, 2, 0.99, 0.99).verdict, Verdict::kFails) << "0.01 squared";
}

TEST(JudgeQuantile, SaysHowManyMoreWouldDo) {
  EXPECT_EQ(JudgeQuantile(0, 0, 0.99, 0.99).more, 459);
  EXPECT_EQ(JudgeQuantile(1000, 4, 0.99, 0.99).more, 157);
  EXPECT_EQ(JudgeQuantile(1000, 10, 0.99, 0.99).more, 1010);
  EXPECT_EQ(JudgeQuantile(100, 4, 0.9, 0.99).more, 13);
  EXPECT_EQ(JudgeQuantile(100'000, 1074, 0.99, 0.99).more, 15235);
}

// SciPy 1.17.1: betaincc(over + 1, n - over, 0.1) is 0.01010 and 0.00990; betainc(over, n - over +
// 1, 0.1) 0.0118 and 0.0084.
TEST(JudgeQuantile, TakesPartsOfRequests) {
  EXPECT_EQ(JudgeQuantile(48.96, 0.25, 0.9, 0.99).verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeQuantile(49.16, 0.25, 0.9, 0.99).verdict, Verdict::kHolds);
  EXPECT_EQ(JudgeQuantile(2.5, 2.13, 0.9, 0.99).verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeQuantile(2.5, 2.23, 0.9, 0.99).verdict, Verdict::kFails);
  EXPECT_EQ(JudgeQuantile(11.9, 0, 0.9, 0.99).more, 32) << "43.71 are needed";
}

TEST(JudgeQuantile, LessConfidenceNeedsLess) {
  EXPECT_EQ(JudgeQuantile(299, 0, 0.99, 0.95).verdict, Verdict::kHolds);
  EXPECT_EQ(JudgeQuantile(298, 0, 0.99, 0.95).verdict, Verdict::kUndecided);
}

}  // namespace
}  // namespace normbench
