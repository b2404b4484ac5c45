// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/metric_buckets.h"

#include "gmock/gmock.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

TEST(MetricBuckets, HaveThreeDigits) {
  EXPECT_THAT(GeometricBuckets(1, 1.5, 7), ElementsAre(1, 1.5, 2.25, 3.38, 5.06, 7.59, 11.4));
}

TEST(MetricBuckets, SpanWhatTheHandbookSays) {
  EXPECT_EQ(RequestBuckets().size(), 41u);
  EXPECT_EQ(RequestBuckets().front(), 25e-6);
  EXPECT_EQ(RequestBuckets().back(), 26.2);
  EXPECT_EQ(ComputeBuckets().size(), 23u);
  EXPECT_EQ(ComputeBuckets().front(), 1e-6);
  EXPECT_EQ(ComputeBuckets().back(), 4.19);
}

}  // namespace
}  // namespace normbench
