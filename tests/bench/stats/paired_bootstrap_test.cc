// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/paired_bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> Draw(std::mt19937_64& random, int n) {
  std::normal_distribution<double> normal;
  std::vector<double> differences(n);
  for (double& difference : differences) difference = normal(random);
  return differences;
}

// The median of a resample of n is at most the k-th smallest where at least half of the draws are:
// the exact bootstrap distribution of the median (Efron, 1979, 3), here for odd n.
double AtMost(int n, int k) {
  const double share = static_cast<double>(k) / n;
  double p = 0;
  for (int hits = (n + 1) / 2; hits <= n; ++hits) {
    const double ways =
        std::exp(std::lgamma(n + 1) - std::lgamma(hits + 1) - std::lgamma(n - hits + 1));
    p += ways * std::pow(share, hits) * std::pow(1 - share, n - hits);
  }
  return p;
}

TEST(BootstrapMedian, IsThatOfTheExactBootstrapDistribution) {
  constexpr int kN = 15;
  std::vector<double> ranks;
  for (int i = kN; i >= 1; --i) ranks.push_back(i);
  for (const double alpha : {0.2, 0.1, 0.05, 0.01}) {
    const BootstrapBounds bounds = BootstrapMedian(ranks, alpha, 20000, 1);
    int low = 1;
    while (AtMost(kN, low) < alpha) ++low;
    EXPECT_EQ(bounds.low, low) << alpha;
    EXPECT_EQ(bounds.high, kN + 1 - low) << alpha;
    EXPECT_EQ(bounds.estimate, 8);
  }
}

// Expected values: the same draws from a Philox4x32-10 in Python.
TEST(BootstrapMedian, TheSameSeedGivesTheSameBoundsEverywhere) {
  std::vector<double> differences;
  for (int i = 0; i < 40; ++i) differences.push_back(i * i % 41 + i / 64.0);
  const BootstrapBounds bounds = BootstrapMedian(differences, 0.05, 500, 7);
  EXPECT_EQ(bounds.estimate, 20.796875);
  EXPECT_EQ(bounds.low, 16.3203125);
  EXPECT_EQ(bounds.high, 25.5625);
  const BootstrapBounds other = BootstrapMedian(differences, 0.05, 500, 8);
  EXPECT_FALSE(other.low == bounds.low && other.high == bounds.high) << "the seed matters";
}

TEST(BootstrapMedian, SignsMayBeExchanged) {
  std::mt19937_64 random(1);
  const std::vector<double> differences = Draw(random, 20);
  std::vector<double> negated = differences;
  for (double& difference : negated) difference = -difference;
  const BootstrapBounds bounds = BootstrapMedian(differences, 0.05, 1000, 3);
  const BootstrapBounds mirrored = BootstrapMedian(negated, 0.05, 1000, 3);
  EXPECT_EQ(mirrored.low, -bounds.high);
  EXPECT_EQ(mirrored.estimate, -bounds.estimate);
  EXPECT_EQ(mirrored.high, -bounds.low);
}

TEST(BootstrapMedian, WidensAsAlphaFalls) {
  std::mt19937_64 random(2);
  const std::vector<double> differences = Draw(random, 20);
  BootstrapBounds inner = BootstrapMedian(differences, 0.5, 2000, 3);
  for (const double alpha : {0.2, 0.1, 0.05, 0.01, 0.0001}) {
    const BootstrapBounds bounds = BootstrapMedian(differences, alpha, 2000, 3);
    EXPECT_LE(bounds.low, inner.low) << alpha;
    EXPECT_GE(bounds.high, inner.high) << alpha;
    inner = bounds;
  }
}

TEST(BootstrapMedian, InfiniteDifferences) {
  const BootstrapBounds failed = BootstrapMedian(std::vector<double>(12, kInfinity), 0.05, 200, 1);
  EXPECT_EQ(failed.low, kInfinity);
  EXPECT_EQ(failed.high, kInfinity);
  const BootstrapBounds both =
      BootstrapMedian(std::vector<double>{kInfinity, -kInfinity}, 0.05, 200, 1);
  EXPECT_EQ(both.low, -kInfinity);
  EXPECT_EQ(both.estimate, 0);
  EXPECT_EQ(both.high, kInfinity);
}

TEST(BootstrapMedian, OneDifferenceAndOneResample) {
  const BootstrapBounds bounds = BootstrapMedian(std::vector<double>{3}, 0.05, 1, 1);
  EXPECT_EQ(bounds.low, 3);
  EXPECT_EQ(bounds.estimate, 3);
  EXPECT_EQ(bounds.high, 3);
}

// Known to be a little too short: between 5 and 8 % of the lower bounds are above the centre.
TEST(BootstrapMedian, MissesAboutAsOftenAsItSays) {
  std::mt19937_64 random(3);
  constexpr int kExperiments = 2000;
  int misses = 0;
  for (int i = 0; i < kExperiments; ++i) {
    misses += BootstrapMedian(Draw(random, 20), 0.05, 400, static_cast<uint64_t>(i)).low > 0;
  }
  EXPECT_NEAR(misses / static_cast<double>(kExperiments), 0.06, 0.02);
}

}  // namespace
}  // namespace normbench
