// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/signed_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 1, 2, .., n, of which those below or at 0 have ranks that add up to `negative`.
std::vector<double> WithRankSum(int n, int negative) {
  std::vector<double> differences;
  for (int rank = n; rank >= 1; --rank) {
    const bool below = rank <= negative;
    if (below) negative -= rank;
    differences.push_back(below ? -rank : rank);
  }
  return differences;
}

// The largest rank sum of the other sign that is significant one-sided: McCornack, Extended tables
// of the Wilcoxon matched pair signed rank statistic (1965), which text books reprint.
struct Critical {
  int n;
  double alpha;
  int sum;
};
constexpr Critical kTable[] = {{5, 0.05, 0},   {6, 0.05, 2},   {7, 0.05, 3},    {8, 0.05, 5},
                               {9, 0.05, 8},   {10, 0.05, 10}, {11, 0.05, 13},  {12, 0.05, 17},
                               {15, 0.05, 30}, {20, 0.05, 60}, {25, 0.05, 100}, {30, 0.05, 151},
                               {6, 0.025, 0},  {10, 0.025, 8}, {20, 0.025, 52}, {7, 0.01, 0},
                               {10, 0.01, 5},  {20, 0.01, 43}, {8, 0.005, 0},   {20, 0.005, 37}};

TEST(SignedRankP, CriticalValuesOfTheTables) {
  for (const Critical& row : kTable) {
    const auto at = WithRankSum(row.n, row.sum);
    const auto beyond = WithRankSum(row.n, row.sum + 1);
    EXPECT_LE(SignedRankPGreater(at, 0), row.alpha) << row.n << " " << row.alpha;
    EXPECT_GT(SignedRankPGreater(beyond, 0), row.alpha) << row.n << " " << row.alpha;
  }
}

TEST(SignedRankLower, IsTheWalshAverageOfTheTables) {
  for (const Critical& row : kTable) {
    std::vector<double> averages;
    std::vector<double> differences;  // all Walsh averages differ
    for (int i = 0; i < row.n; ++i) differences.push_back(std::sqrt(i + 2.0));
    for (int i = 0; i < row.n; ++i) {
      for (int j = i; j < row.n; ++j) averages.push_back((differences[i] + differences[j]) / 2);
    }
    std::sort(averages.begin(), averages.end());
    EXPECT_DOUBLE_EQ(*SignedRankLower(differences, row.alpha), averages[row.sum]) << row.n;
    EXPECT_DOUBLE_EQ(*SignedRankUpper(differences, row.alpha), averages.rbegin()[row.sum]) << row.n;
  }
}

TEST(SignedRankP, CountedByHand) {
  // Of 8 subsets of the ranks 1, 2, 3 the sum is 6 in one, at least 5 in two, at least 3 in five.
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{1, 2, 3}, 0), 1.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{-1, 2, 3}, 0), 2.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{1, 2, -3}, 0), 5.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPLess(std::vector<double>{-1, -2, -3}, 0), 1.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPLess(std::vector<double>{1, -2, -3}, 0), 2.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{11, 12, 13}, 10), 1.0 / 8);
  EXPECT_EQ(SignedRankPGreater({}, 0), 1);
  EXPECT_EQ(SignedRankPLess({}, 0), 1);
}

TEST(SignedRankP, TiesAndZerosCountAgainst) {
  // -1 is ranked above one 1: ranks 1 and 3 of 3. As if it were 1, 2, -1.5.
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{1, 2, -1}, 0), 3.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPLess(std::vector<double>{-1, -2, 1}, 0), 3.0 / 8);
  // Zeros have the lowest ranks, on the other side in either direction.
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>{0, 1, 2}, 0), 2.0 / 8);
  EXPECT_DOUBLE_EQ(SignedRankPLess(std::vector<double>{0, -1, -2}, 0), 2.0 / 8);
  EXPECT_EQ(SignedRankPGreater(std::vector<double>(20, 0.0), 0), 1);
  EXPECT_EQ(SignedRankPLess(std::vector<double>(20, 0.0), 0), 1);
  // Equal differences on one side are no tie that matters.
  EXPECT_DOUBLE_EQ(SignedRankPGreater(std::vector<double>(20, 1.0), 0), 0x1p-20);
}

TEST(SignedRankP, ExactWhereThereAreHundreds) {
  // 400 of one sign: 2^-400; one of the smallest on the other side: two subsets of them all.
  EXPECT_DOUBLE_EQ(SignedRankPGreater(WithRankSum(400, 0), 0), 0x1p-400);
  EXPECT_DOUBLE_EQ(SignedRankPGreater(WithRankSum(400, 1), 0), 0x1p-399);
  // The distribution is symmetrical about 40100: P(T >= 40100) + P(T >= 40101) = 1.
  const double half = SignedRankPGreater(WithRankSum(400, 40100), 0);
  const double less = SignedRankPGreater(WithRankSum(400, 40099), 0);
  EXPECT_NEAR(half + less, 1, 1e-12);
}

TEST(HodgesLehmann, IsTheMedianOfTheWalshAverages) {
  EXPECT_EQ(HodgesLehmann(std::vector<double>{3}), 3);
  EXPECT_EQ(HodgesLehmann(std::vector<double>{1, 2}), 1.5);
  EXPECT_EQ(HodgesLehmann(std::vector<double>{1, 5, 9}), 5);
  // 0, 0.5, 1, 5, 5.5, 10: between 1 and 5.
  EXPECT_EQ(HodgesLehmann(std::vector<double>{0, 10, 1}), 3);
}

TEST(SignedRankNeeded, IsWhereBoundsBegin) {
  EXPECT_EQ(SignedRankNeeded(0.05), 5);
  EXPECT_EQ(SignedRankNeeded(0.025), 6);
  EXPECT_EQ(SignedRankNeeded(0.01), 7);
  EXPECT_EQ(SignedRankNeeded(0.03125), 5) << "2^-5";
  EXPECT_EQ(SignedRankNeeded(0.5), 1);
  for (const double alpha : {0.4, 0.1, 0.05, 0.01, 0.0125, 0.001}) {
    const int n = SignedRankNeeded(alpha);
    const std::vector<double> enough = WithRankSum(n, 0);
    const std::vector<double> too_few = WithRankSum(n - 1, 0);
    EXPECT_EQ(SignedRankLower(enough, alpha), 1) << "the smallest difference";
    EXPECT_EQ(SignedRankUpper(enough, alpha), n);
    EXPECT_EQ(SignedRankLower(too_few, alpha), std::nullopt);
    EXPECT_EQ(SignedRankUpper(too_few, alpha), std::nullopt);
  }
}

TEST(SignedRank, AllRequestsFailedInOneArm) {
  const std::vector<double> failed(12, kInfinity);
  EXPECT_EQ(HodgesLehmann(failed), kInfinity);
  EXPECT_EQ(SignedRankLower(failed, 0.05), kInfinity);
  EXPECT_EQ(SignedRankUpper(failed, 0.05), kInfinity);
  EXPECT_EQ(SignedRankPGreater(failed, 0.05), 0x1p-12);
  EXPECT_EQ(SignedRankPLess(failed, 0.05), 1);
  const std::vector<double> other(12, -kInfinity);
  EXPECT_EQ(HodgesLehmann(other), -kInfinity);
  EXPECT_EQ(SignedRankLower(other, 0.05), -kInfinity);
  EXPECT_EQ(SignedRankPLess(other, 0.05), 0x1p-12);
}

TEST(SignedRank, AFewInfiniteAreTheLargest) {
  const std::vector<double> differences = {1, kInfinity, 2, 3, kInfinity, 4, -5, 6, 7, 8};
  const std::vector<double> huge = {1, 1e300, 2, 3, 1e300, 4, -5, 6, 7, 8};
  EXPECT_EQ(HodgesLehmann(differences), HodgesLehmann(huge));
  EXPECT_EQ(SignedRankLower(differences, 0.05), SignedRankLower(huge, 0.05));
  EXPECT_EQ(SignedRankUpper(differences, 0.05), kInfinity);
  EXPECT_EQ(SignedRankPGreater(differences, 0.5), SignedRankPGreater(huge, 0.5));
  EXPECT_EQ(SignedRankPLess(differences, 0.5), SignedRankPLess(huge, 0.5));
}

TEST(SignedRank, InfiniteOnBothSidesSaysNothing) {
  std::vector<double> differences(6, kInfinity);
  differences.insert(differences.end(), 6, -kInfinity);
  EXPECT_EQ(HodgesLehmann(differences), 0);
  EXPECT_EQ(SignedRankLower(differences, 0.05), -kInfinity);
  EXPECT_EQ(SignedRankUpper(differences, 0.05), kInfinity);
  // Of 78 Walsh averages 21 are +inf for certain: the rank sums 21 and above.
  EXPECT_EQ(SignedRankPGreater(differences, 0), SignedRankPGreater(WithRankSum(12, 78 - 21), 0));
  EXPECT_EQ(SignedRankPLess(differences, 0), SignedRankPGreater(differences, 0));
  EXPECT_EQ(SignedRankPGreater(differences, -1), SignedRankPGreater(differences, 1));
  // 6 Walsh averages are -inf, 27 unknown: the 18th is not known to be more.
  std::vector<double> three(9, kInfinity);
  three.insert(three.end(), 3, -kInfinity);
  EXPECT_EQ(HodgesLehmann(three), kInfinity);
  EXPECT_EQ(SignedRankLower(three, 0.05), -kInfinity);
  // 1 of 12 fails in the other arm, 11 in this one: 66 of 78.
  std::vector<double> most(11, kInfinity);
  most.push_back(-kInfinity);
  EXPECT_EQ(SignedRankPGreater(most, 0), SignedRankPGreater(WithRankSum(12, 12), 0));
  EXPECT_EQ(SignedRankLower(most, 0.05), kInfinity) << "12 are at most 17";
}

std::vector<double> Draw(std::mt19937_64& random, int n, double centre, double step) {
  std::normal_distribution<double> normal;
  std::vector<double> differences(n);
  for (double& difference : differences) {
    difference = centre + normal(random);
    if (step > 0) difference = std::round(difference / step) * step;
  }
  return differences;
}

// With a step of 1 most differences are tied, many are 0, and centres are Walsh averages.
TEST(SignedRank, BoundsAndPAgreeWhateverTheData) {
  std::mt19937_64 random(1);
  int beyond = 0;
  for (int i = 0; i < 3000; ++i) {
    auto differences = Draw(random, 1 + i % 25, 0.5, i % 3 == 0 ? 0 : 1);
    if (i % 7 == 0) differences.front() = kInfinity;
    if (i % 11 == 0) differences.back() = -kInfinity;
    for (const double alpha : {0.25, 0.05, 0.01}) {
      for (const double centre : {-1.0, -0.5, 0.0, 0.25, 0.5, HodgesLehmann(differences)}) {
        const auto lower = SignedRankLower(differences, alpha);
        const auto upper = SignedRankUpper(differences, alpha);
        const bool above = lower && *lower > centre;
        const bool below = upper && *upper < centre;
        EXPECT_EQ(above, SignedRankPGreater(differences, centre) <= alpha) << i << " " << centre;
        EXPECT_EQ(below, SignedRankPLess(differences, centre) <= alpha) << i << " " << centre;
        beyond += above || below;
      }
    }
  }
  EXPECT_GT(beyond, 1000) << "both answers occur";
}

TEST(SignedRank, BoundsWidenAsAlphaFallsAndHoldTheEstimate) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    const auto differences = Draw(random, 8 + i % 30, 0, i % 2);
    double lower = HodgesLehmann(differences);
    double upper = lower;
    for (const double alpha : {0.4, 0.2, 0.1, 0.05, 0.025, 0.01}) {
      EXPECT_LE(*SignedRankLower(differences, alpha), lower) << alpha;
      EXPECT_GE(*SignedRankUpper(differences, alpha), upper) << alpha;
      lower = *SignedRankLower(differences, alpha);
      upper = *SignedRankUpper(differences, alpha);
    }
  }
}

TEST(SignedRank, SignsMayBeExchanged) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) {
    const auto differences = Draw(random, 6 + i % 20, 0.3, i % 2);
    auto negated = differences;
    for (double& difference : negated) difference = -difference;
    EXPECT_EQ(HodgesLehmann(negated), -HodgesLehmann(differences));
    EXPECT_EQ(*SignedRankUpper(negated, 0.05), -*SignedRankLower(differences, 0.05));
    EXPECT_EQ(SignedRankPLess(negated, -0.1), SignedRankPGreater(differences, 0.1));
  }
}

// Share of experiments with the centre below the lower bound.
double Misses(int n, double step, uint64_t seed) {
  constexpr int kExperiments = 4000;
  std::mt19937_64 random(seed);
  int misses = 0;
  for (int i = 0; i < kExperiments; ++i) {
    misses += *SignedRankLower(Draw(random, n, 0, step), 0.05) > 0;
  }
  return misses / static_cast<double>(kExperiments);
}

// Three standard deviations of a share of 5 % in 4000.
constexpr double kTolerance = 0.0104;

TEST(SignedRankLower, MissesAsOftenAsTheNullDistributionSays) {
  EXPECT_NEAR(Misses(12, 0, 1), SignedRankPGreater(WithRankSum(12, 17), 0), kTolerance);
  EXPECT_NEAR(Misses(20, 0, 2), SignedRankPGreater(WithRankSum(20, 60), 0), kTolerance);
  EXPECT_NEAR(Misses(40, 0, 3), 0.05, kTolerance);
}

TEST(SignedRankLower, MissesNoMoreOftenWithTiesAndZeros) {
  EXPECT_LE(Misses(12, 0.5, 4), 0.05 + kTolerance);
  EXPECT_LE(Misses(12, 2, 5), 0.05 + kTolerance);
  EXPECT_LE(Misses(40, 1, 6), 0.05 + kTolerance);
  EXPECT_GT(Misses(40, 1, 6), 0) << "it still can";
}

}  // namespace
}  // namespace normbench
