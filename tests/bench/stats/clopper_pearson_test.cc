// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/clopper_pearson.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/binomial.hpp>
#include <cmath>

namespace normbench {
namespace {

// Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 5.
TEST(ClopperPearson, PublishedValues) {
  struct Row {
    int64_t successes, n;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2527, 0.3676}, Row{15, 148, 0.0578, 0.1617},
                         Row{0, 20, 0.0000, 0.1684}, Row{1, 29, 0.0009, 0.1776}}) {
    const Interval interval = ClopperPearson(row.successes, row.n, 0.95);
    EXPECT_NEAR(interval.low, row.low, 5e-5) << row.successes << "/" << row.n;
    EXPECT_NEAR(interval.high, row.high, 5e-5) << row.successes << "/" << row.n;
  }
}

TEST(ClopperPearson, NoneAndAllHaveOneOpenSide) {
  EXPECT_EQ(ClopperPearson(0, 100, 0.95).low, 0);
  EXPECT_NEAR(ClopperPearson(0, 100, 0.95).high, 1 - std::pow(0.025, 0.01), 1e-12);
  EXPECT_NEAR(ClopperPearson(100, 100, 0.95).low, std::pow(0.025, 0.01), 1e-12);
  EXPECT_EQ(ClopperPearson(100, 100, 0.95).high, 1);
  EXPECT_EQ(ClopperPearson(0, 0, 0.95).low, 0);
  EXPECT_EQ(ClopperPearson(0, 0, 0.95).high, 1);
}

TEST(ClopperPearson, SuccessesAndFailuresMayBeExchanged) {
  const Interval of_7 = ClopperPearson(7, 50, 0.9);
  const Interval of_43 = ClopperPearson(43, 50, 0.9);
  EXPECT_NEAR(of_7.low, 1 - of_43.high, 1e-12);
  EXPECT_NEAR(of_7.high, 1 - of_43.low, 1e-12);
}

// Not by simulation: the probability of each count is known.
TEST(ClopperPearson, NeverCoversLessThanItSays) {
  for (const int n : {1, 5, 30, 100}) {
    for (double p = 0.01; p < 1; p += 0.01) {
      const boost::math::binomial_distribution<double> counts(n, p);
      double covered = 0;
      for (int k = 0; k <= n; ++k) {
        const Interval interval = ClopperPearson(k, n, 0.95);
        if (interval.low <= p && p <= interval.high) covered += boost::math::pdf(counts, k);
      }
      EXPECT_GE(covered, 0.95 - 1e-9) << n << " " << p;
    }
  }
}

}  // namespace
}  // namespace normbench
