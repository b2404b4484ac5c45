// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/examine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(ExamineTest, FindsWhatThisMachineHas) {
  const auto findings = Examine({.seconds = 1});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_GE(findings->facts.cpus, 1);
  EXPECT_GE(findings->wake_up_p99_seconds.value_or(-1), 0);
  EXPECT_GT(findings->window.seconds, 0.1);
  EXPECT_TRUE(findings->window.steal_ratio.has_value());
  EXPECT_FALSE(findings->interrupted);
  ASSERT_EQ(findings->noise.size(), 6);
  EXPECT_EQ(findings->noise[0].work, "compute");
  EXPECT_EQ(findings->noise[5].work, "round trip");
}

TEST(ExamineTest, EndsWithWhatThereIs) {
  int questions = 0;
  const auto findings =
      Examine({.seconds = 3600, .stop = [&questions] { return ++questions > 50; }});
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_TRUE(findings->interrupted);
  EXPECT_TRUE(findings->wake_up_p99_seconds.has_value());
  EXPECT_EQ(findings->noise.size(), 6);
}

}  // namespace
}  // namespace normbench
