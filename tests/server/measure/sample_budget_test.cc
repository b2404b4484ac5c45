// SPDX-License-Identifier: Apache-2.0
#include "server/measure/sample_budget.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

MeasureSpec Spec(double seconds, int min_samples, int max_samples) {
  return {.plan = {.spec = {}, .shape = *Shape::Parse("1x1"), .device = {}},
          .seconds = seconds,
          .min_samples = min_samples,
          .max_samples = max_samples};
}

// Samples until it is enough, each timed for `each` seconds and `wall` seconds after the one
// before.
int Samples(const MeasureSpec& spec, double each, double wall = 0) {
  SampleBudget budget(spec);
  while (budget.Used(wall * budget.samples()) < 1) budget.Add(each);
  return budget.samples();
}

TEST(SampleBudget, EndsAfterTheTimedWork) {
  EXPECT_EQ(Samples(Spec(1, 1, 1000), 0.125), 8);
  EXPECT_EQ(Samples(Spec(1, 8, 1000), 0.125), 8);
}

TEST(SampleBudget, GoesOnForTheFewestSamplesToThreeTimesTheWork) {
  EXPECT_EQ(Samples(Spec(1, 20, 1000), 0.125), 20);
  EXPECT_EQ(Samples(Spec(1, 60, 1000), 0.125), 24);
}

TEST(SampleBudget, TheMostSamplesWin) {
  EXPECT_EQ(Samples(Spec(1, 1, 5), 0.125), 5);
  EXPECT_EQ(Samples(Spec(1, 20, 12), 0.125), 12);
}

TEST(SampleBudget, TheWallClockEndsIt) {
  EXPECT_EQ(Samples(Spec(1, 1, 1000), 0.001, 1), 5) << "4 x 1 + 1 seconds";
  EXPECT_EQ(Samples(Spec(1, 60, 1000), 0.125, 1), 5);
  EXPECT_EQ(MaxSamplingSeconds(0.5), 3);
}

TEST(SampleBudget, ThereIsAlwaysOneSample) {
  EXPECT_EQ(Samples(Spec(0, 60, 1000), 0.125), 1);
  EXPECT_EQ(SampleBudget(Spec(1, 1, 1)).Used(1e6), 0);
}

TEST(SampleBudget, SaysWhichPartIsUsed) {
  const MeasureSpec spec = Spec(1, 16, 1000);
  SampleBudget budget(spec);
  budget.Add(0.5);
  EXPECT_DOUBLE_EQ(budget.Used(0), 0.5 / 3);
  EXPECT_DOUBLE_EQ(budget.Used(2.5), 0.5);
}

}  // namespace
}  // namespace normbench
