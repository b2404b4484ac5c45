// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/bucketed.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(BucketedTest, IsTheSameAsObservingEach) {
  const std::vector<double> edges = {1, 2, 4};
  prometheus::Histogram one(edges), all(edges);
  Bucketed bucketed(edges);
  for (const double value : {0.5, 1.0, 1.5, 4.0, 5.0, -1.0}) {
    one.Observe(value);
    bucketed.Add(value);
  }
  bucketed.MoveTo(all);
  bucketed.MoveTo(all);  // has nothing left
  const auto expected = one.Collect().histogram, got = all.Collect().histogram;
  EXPECT_EQ(got.sample_count, expected.sample_count);
  EXPECT_EQ(got.sample_sum, expected.sample_sum);
  ASSERT_EQ(got.bucket.size(), expected.bucket.size());
  for (size_t i = 0; i < got.bucket.size(); ++i) {
    EXPECT_EQ(got.bucket[i].cumulative_count, expected.bucket[i].cumulative_count) << i;
  }
}

}  // namespace
}  // namespace normbench
