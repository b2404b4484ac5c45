// SPDX-License-Identifier: Apache-2.0
#include "bench/report/plan.h"

#include <vector>

#include "bench/report/case_key.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

Case Of(const std::string& key, double seconds) {
  Case c;
  c.key = key;
  c.spec = *ParseCaseKey(key);
  c.seconds = seconds;
  return c;
}

TEST(PlanOf, AddsBudgetsAndTakesTheLargestMemory) {
  const std::vector<Case> one = {Of("norm/rms?shape=1x4", 10)};
  const std::vector<Case> three = {Of("norm/rms?shape=1x4", 10),
                                   Of("norm/rms?shape=64x64x56x56", 10),
                                   Of("service/rms?shape=1x4", 20)};
  EXPECT_EQ(PlanOf(one).cases, 1);
  EXPECT_NEAR(PlanOf(one).seconds, 25, 1) << "copies are timed between the samples of a kernel";
  EXPECT_EQ(PlanOf(three).cases, 3);
  EXPECT_NEAR(PlanOf(three).seconds, 25 + 25 + 20, 3);
  // 12.8 million elements of 4 bytes, at least x and y.
  EXPECT_GT(PlanOf(three).memory_bytes - PlanOf(one).memory_bytes, 102e6);
  EXPECT_EQ(PlanOf({}).seconds, 0);
}

TEST(PlanOf, CountsTheBaselineOfEachModelOnce) {
  const Case a = Of("model/a?data=fmnist-wide&request_batch=8", 1);
  const Case b = Of("model/a?data=fmnist-wide&request_batch=64", 1);
  const double first = PlanOf(std::vector<Case>{a}).seconds;
  const double both = PlanOf(std::vector<Case>{a, b}).seconds;
  EXPECT_GT(first, both - first);
  EXPECT_LT(PlanOf(std::vector<Case>{Of("model/a?data=fmnist-wide&images=100", 1)}).seconds, first);
}

}  // namespace
}  // namespace normbench
