// SPDX-License-Identifier: Apache-2.0
#include "bench/run/run_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

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

}  // namespace
}  // namespace normbench
