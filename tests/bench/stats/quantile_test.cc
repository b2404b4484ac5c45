// SPDX-License-Identifier: Apache-2.0
// Expected ranks: computed with scipy.stats.binom (SciPy 1.x) by search over all ranks; those of n
// = 10, 20 and 100 at the median are also in the tables of Conover, Practical Nonparametric
// Statistics.
#include "bench/stats/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace normbench {
namespace {

// 1, 2, .., n: the value is the rank.
std::vector<double> Ranks(int n) {
  std::vector<double> ranks(n);
  std::iota(ranks.begin(), ranks.end(), 1.0);
  return ranks;
}

TEST(NearestRank, IsTheCeilingOfNTimesQ) {
  EXPECT_EQ(NearestRank(Ranks(1), 0.5), 1);
  EXPECT_EQ(NearestRank(Ranks(2), 0.5), 1);
  EXPECT_EQ(NearestRank(Ranks(3), 0.5), 2);
  EXPECT_EQ(NearestRank(Ranks(100), 0.99), 99);
  EXPECT_EQ(NearestRank(Ranks(101), 0.99), 100);
  EXPECT_EQ(NearestRank(Ranks(1000), 0.999), 999);
  EXPECT_EQ(NearestRank(Ranks(10), 1), 10);
  EXPECT_EQ(NearestRank(Ranks(10), 1e-9), 1);
}

TEST(NearestRank, RoundingInBinaryDoesNotShiftIt) {
  EXPECT_EQ(NearestRank(Ranks(100), 0.07), 7);     // 100 * 0.07 = 7.000000000000001
  EXPECT_EQ(NearestRank(Ranks(100), 0.29), 29);    // 28.999999999999996
  EXPECT_EQ(NearestRank(Ranks(1000), 0.55), 550);  // 550.0000000000001
  EXPECT_EQ(NearestRank(Ranks(1000000), 0.999), 999000);
}

TEST(QuantileInterval, KnownRanks) {
  struct Case {
    int n;
    double q;
    double low, high;
  };
  for (const Case& c :
       {Case{6, 0.5, 1, 6}, Case{10, 0.5, 2, 9}, Case{20, 0.5, 6, 15}, Case{100, 0.5, 40, 61},
        Case{1000, 0.5, 469, 532}, Case{100, 0.9, 84, 96}, Case{368, 0.99, 360, 368},
        Case{1000, 0.99, 983, 997}, Case{5000, 0.99, 4936, 4964}, Case{3688, 0.999, 3680, 3688}}) {
    const std::optional<Interval> interval = QuantileInterval(Ranks(c.n), c.q, 0.95, c.n);
    ASSERT_TRUE(interval.has_value()) << c.n << " " << c.q;
    EXPECT_EQ(interval->low, c.low) << c.n << " " << c.q;
    EXPECT_EQ(interval->high, c.high) << c.n << " " << c.q;
  }
}

TEST(QuantileInterval, NothingWhereNCannotCarryIt) {
  EXPECT_FALSE(QuantileInterval(Ranks(367), 0.99, 0.95, 367).has_value());
  EXPECT_FALSE(QuantileInterval(Ranks(3687), 0.999, 0.95, 3687).has_value());
  EXPECT_FALSE(QuantileInterval(Ranks(5), 0.5, 0.95, 5).has_value());
  EXPECT_FALSE(QuantileInterval(Ranks(100000), 0.99, 0.95, 367.9).has_value());
  EXPECT_TRUE(QuantileInterval(Ranks(100000), 0.99, 0.95, 368).has_value());
  EXPECT_FALSE(QuantileInterval({}, 0.5, 0.95, 100).has_value());
}

TEST(QuantileInterval, NothingForNonsense) {
  const std::vector<double> values = Ranks(1000);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double bad : {0.0, 1.0, -0.5, 1.5, nan}) {
    EXPECT_FALSE(QuantileInterval(values, bad, 0.95, 1000).has_value()) << bad;
    EXPECT_FALSE(QuantileInterval(values, 0.5, bad, 1000).has_value()) << bad;
  }
  for (double bad : {0.0, -5.0, nan}) {
    EXPECT_FALSE(QuantileInterval(values, 0.5, 0.95, bad).has_value()) << bad;
  }
}

TEST(QuantileInterval, FewerIndependentValuesWidenIt) {
  // 100 independent among 1000: ranks (40, 61) of 100.
  const std::optional<Interval> interval = QuantileInterval(Ranks(1000), 0.5, 0.95, 100);
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 400);
  EXPECT_EQ(interval->high, 610);
}

TEST(QuantileInterval, MoreIndependentThanThereAreCountAsAll) {
  const std::optional<Interval> interval = QuantileInterval(Ranks(100), 0.5, 0.95, 1e9);
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 40);
  EXPECT_EQ(interval->high, 61);
}

TEST(QuantileInterval, HoldsTheEstimate) {
  for (int n : {368, 1000, 4321, 100000}) {
    const std::vector<double> values = Ranks(n);
    for (double effective : {1.0 * n, 0.7 * n, std::sqrt(2.0) * 400}) {
      for (double q : {0.5, 0.9, 0.99, 0.999}) {
        const auto interval = QuantileInterval(values, q, 0.95, effective);
        if (!interval.has_value()) continue;
        EXPECT_LE(interval->low, NearestRank(values, q)) << n << " " << q << " " << effective;
        EXPECT_GE(interval->high, NearestRank(values, q)) << n << " " << q << " " << effective;
      }
    }
  }
}

TEST(QuantileInterval, CoversTheTrueQuantileAsOftenAsItSays) {
  std::mt19937_64 random(7);
  std::exponential_distribution<double> latency(1);
  const double p90 = std::log(10.0);
  int covered = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> values(200);
    for (double& value : values) value = latency(random);
    std::sort(values.begin(), values.end());
    const std::optional<Interval> interval = QuantileInterval(values, 0.9, 0.95, 200);
    ASSERT_TRUE(interval.has_value());
    covered += interval->low <= p90 && p90 <= interval->high;
  }
  // At least 95 %, less three standard errors of the trials; not so wide that it says nothing.
  EXPECT_GE(covered, kTrials * 0.95 - 3 * std::sqrt(kTrials * 0.95 * 0.05));
  EXPECT_LE(covered, kTrials * 0.985);
}

TEST(SamplesNeeded, IsWhereTheIntervalBegins) {
  EXPECT_EQ(SamplesNeeded(0.99, 0.95), 368);
  EXPECT_EQ(SamplesNeeded(0.999, 0.95), 3688);
  EXPECT_EQ(SamplesNeeded(0.5, 0.95), 6);
  EXPECT_EQ(SamplesNeeded(0.01, 0.95), 368);
  for (double q : {0.01, 0.3, 0.5, 0.9, 0.95, 0.99}) {
    for (double confidence : {0.8, 0.95, 0.99}) {
      const int n = static_cast<int>(SamplesNeeded(q, confidence));
      EXPECT_TRUE(QuantileInterval(Ranks(n), q, confidence, n).has_value()) << q;
      EXPECT_FALSE(QuantileInterval(Ranks(n - 1), q, confidence, n - 1).has_value()) << q;
    }
  }
}

}  // namespace
}  // namespace normbench
