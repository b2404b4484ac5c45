// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/holm.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <vector>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pointwise;

// By hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 are 0.02, 0.03, 0.06, 0.04; the last one
// may not be below the one before.
TEST(HolmAdjust, StepsDownInTheOrderGiven) {
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.01, 0.04, 0.03, 0.005}),
              Pointwise(testing::DoubleEq(), {0.03, 0.06, 0.06, 0.02}));
}

TEST(HolmAdjust, OneTestIsAsItIsAndNoneIsNone) {
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.04}), ElementsAre(0.04));
  EXPECT_THAT(HolmAdjust({}), IsEmpty());
}

TEST(HolmAdjust, AtMostOneAndEqualOnesStayEqual) {
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.9, 0.5, 1}), ElementsAre(1, 1, 1));
  EXPECT_THAT(HolmAdjust(std::vector<double>{0.25, 0.25, 0}), ElementsAre(0.5, 0.5, 0));
}

// The procedure of the paper: go through the sorted p, and stop at the first above alpha / left.
TEST(HolmAdjust, RejectsWhatTheProcedureRejects) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 0.1);
  constexpr double kAlpha = 0.05;
  int rejected = 0;
  for (int i = 0; i < 500; ++i) {
    std::vector<double> p(1 + i % 12);
    for (double& value : p) value = uniform(random) * uniform(random);
    std::vector<double> sorted = p;
    std::sort(sorted.begin(), sorted.end());
    size_t first_kept = 0;
    while (first_kept < sorted.size() &&
           sorted[first_kept] <= kAlpha / static_cast<double>(sorted.size() - first_kept)) {
      ++first_kept;
    }
    const std::vector<double> adjusted = HolmAdjust(p);
    const auto count = std::count_if(adjusted.begin(), adjusted.end(),
                                     [](double value) { return value <= kAlpha; });
    ASSERT_EQ(static_cast<size_t>(count), first_kept) << i;
    for (size_t k = 0; k < p.size(); ++k) {
      const bool rejects = first_kept > 0 && p[k] <= sorted[first_kept - 1];
      EXPECT_EQ(adjusted[k] <= kAlpha, rejects) << i;
      rejected += rejects;
    }
  }
  EXPECT_GT(rejected, 100) << "both answers occur";
}

}  // namespace
}  // namespace normbench
