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

TEST(PlanOf, AnInvarianceCaseTakesTheTimeOfItsBatches) {
  const auto plan = [](const std::string& rest) {
    return PlanOf(std::vector<Case>{Of("invariance/rms?shape=1x64x56x56&n=" + rest, 0)});
  };
  EXPECT_GT(plan("64").seconds, 30 * plan("2").seconds);
  EXPECT_EQ(plan("64&threads=1,2,3,4").seconds, 2 * plan("64").seconds);
  EXPECT_NEAR(plan("64&impl=reference").seconds, 8 * plan("64&impl=torch").seconds, 1e-6);
  EXPECT_GT(plan("64").memory_bytes, 64.0 * 64 * 56 * 56 * 4 * 2);
}

TEST(PlanOf, AnOpenLoopEndsWithItsScheduleAndMeasuresItsMaximumOnce) {
  const std::string model = "model/a?data=fmnist-wide&arrivals=";
  const Case plain = Of(model + "poisson:10", 3);
  const Case share = Of(model + "poisson:50%25", 3), other = Of(model + "poisson:80%25", 3);
  const auto seconds = [](const std::vector<Case>& cases) { return PlanOf(cases).seconds; };
  // After the baseline of the model: no pass over the images.
  EXPECT_NEAR(seconds({plain, plain}) - seconds({plain}), 3, 0.5);
  EXPECT_NEAR(seconds({share}) - seconds({plain}), 2.5, 0.01);
  EXPECT_NEAR(seconds({share, other}) - seconds({plain, plain}), 2.5, 0.01);
  const std::string service = "service/rms?shape=64x64x56x56&in_flight=1024";
  EXPECT_LT(PlanOf(std::vector<Case>{Of(service + "&arrivals=poisson:1", 1)}).memory_bytes,
            PlanOf(std::vector<Case>{Of(service, 1)}).memory_bytes / 10);
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
