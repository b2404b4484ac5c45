// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/clip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Usual in the second half: 2 to 6, so 1 to 7 is kept.
TEST(ClipOutliers, MovesOutliersAndKeepsTheOrder) {
  EXPECT_THAT(ClipOutliers(std::vector<double>{9, 1, 100, -50, 6.5, 2, 3, 6, 4, 5}),
              ElementsAre(7, 1, 7, 1, 6.5, 2, 3, 6, 4, 5));
}

TEST(ClipOutliers, ASpikeInTheSecondHalfIsNotUsual) {
  std::vector<double> series;
  for (int i = 0; i < 80; ++i) series.push_back(i % 2 == 0 ? 1 : 2);
  series[70] = 100;
  EXPECT_EQ(ClipOutliers(series)[70], 2.25);
}

TEST(ClipOutliers, OfFewValuesOrNone) {
  EXPECT_THAT(ClipOutliers({}), IsEmpty());
  EXPECT_THAT(ClipOutliers(std::vector<double>{3}), ElementsAre(3));
}

}  // namespace
}  // namespace normbench
