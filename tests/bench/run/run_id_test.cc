// SPDX-License-Identifier: Apache-2.0
#include "bench/run/run_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace normbench {
namespace {

TEST(RunIdTest, IsAVersion4Uuid) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewRunId();
    EXPECT_THAT(id, ::testing::MatchesRegex(
                        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(FormatNowTest, IsRfc3339InUtc) {
  absl::Time time;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, FormatNow(), &time, &error)) << error;
  EXPECT_LT(absl::AbsDuration(absl::Now() - time), absl::Minutes(1));
  EXPECT_EQ(FormatNow().back(), 'Z');
}

}  // namespace
}  // namespace normbench
