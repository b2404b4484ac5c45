// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/tost.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "bench/stats/signed_rank.h"

namespace normbench {
namespace {

const std::vector<double> kSmall = {-0.4, 0.2, 0.3, -0.1, 0.05};

TEST(TostP, SmallWhereAllAreWellInside) {
  EXPECT_EQ(TostP(kSmall, -1, 1), 0x1p-5) << "each side: all of one sign";
}

TEST(TostP, IsThatOfTheSideThatIsNotShown) {
  EXPECT_EQ(TostP(kSmall, -0.25, 1), SignedRankPGreater(kSmall, -0.25));
  EXPECT_EQ(TostP(kSmall, -1, 0.25), SignedRankPLess(kSmall, 0.25));
  EXPECT_GT(TostP(kSmall, -0.25, 1), 0x1p-5);
  EXPECT_EQ(TostP(kSmall, 1, 2), 1) << "below it";
  EXPECT_EQ(TostP(kSmall, -2, -1), 1) << "above it";
}

TEST(TostP, NoDataShowNothing) {
  EXPECT_EQ(TostP({}, -1, 1), 1);
}

TEST(TostP, OneArmThatFailedIsNotEquivalent) {
  EXPECT_EQ(TostP(std::vector<double>(12, std::numeric_limits<double>::infinity()), -1, 1), 1);
}

// Equivalent just where both one-sided bounds are inside.
TEST(TostP, AgreesWithBounds) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  int inside = 0;
  for (int i = 0; i < 500; ++i) {
    std::vector<double> differences(20);
    for (double& difference : differences) difference = normal(random);
    const bool bounds =
        *SignedRankLower(differences, 0.05) > -0.5 && *SignedRankUpper(differences, 0.05) < 0.5;
    EXPECT_EQ(TostP(differences, -0.5, 0.5) <= 0.05, bounds) << i;
    inside += bounds;
  }
  EXPECT_GT(inside, 50) << "both answers occur";
  EXPECT_LT(inside, 450);
}

}  // namespace
}  // namespace normbench
