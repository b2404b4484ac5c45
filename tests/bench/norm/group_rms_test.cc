// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/group_rms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace normbench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(GroupRms, IsTheRootOfTheMeanSquareOfEachGroup) {
  const Shape shape = Shape::Parse("2x2x1x2").value();
  const ReferenceResult reference = {.y = {3, 4, 0, 0, 1, -1, 7, 1}, .mean = {}, .rstd = {}};
  EXPECT_THAT(GroupRms({.method = Method::kInstance}, shape, reference),
              testing::ElementsAre(std::sqrt(12.5), 0, 1, 5));
  EXPECT_THAT(GroupRms({.method = Method::kLayer}, shape, reference),
              testing::ElementsAre(2.5, std::sqrt(13.0)));
  EXPECT_THAT(GroupRms({.method = Method::kBatch}, shape, reference),
              testing::ElementsAre(std::sqrt(27.0 / 4), std::sqrt(50.0 / 4)));
}

TEST(GroupRms, LeavesOutWhatIsNotFinite) {
  const Shape shape = Shape::Parse("2x2").value();
  const ReferenceResult reference = {.y = {kNan, 2, kNan, kNan}, .mean = {}, .rstd = {}};
  EXPECT_THAT(GroupRms({.method = Method::kLayer}, shape, reference), testing::ElementsAre(2, 0));
}

}  // namespace
}  // namespace normbench
