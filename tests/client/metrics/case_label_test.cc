// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/case_label.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace normbench {
namespace {

// Stored series go by these names: they must never change.
TEST(CaseLabelTest, IsTheSameInEveryVersion) {
  EXPECT_EQ(CaseLabel("norm/rms?impl=torch&shape=8x768&dtype=f32&layout=nchw&dev=cpu"),
            "b77f2655c5");
  EXPECT_EQ(CaseLabel("").size(), 10u);
}

TEST(CaseLabelTest, TellsCasesApart) {
  std::set<std::string> labels;
  for (int i = 0; i < 1000; ++i) {
    const std::string label = CaseLabel("norm/rms?shape=" + std::to_string(i));
    EXPECT_THAT(label, ::testing::MatchesRegex("[0-9a-f]+"));
    labels.insert(label);
  }
  EXPECT_EQ(labels.size(), 1000u);
}

}  // namespace
}  // namespace normbench
