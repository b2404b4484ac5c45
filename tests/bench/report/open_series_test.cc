// SPDX-License-Identifier: Apache-2.0
#include "bench/report/open_series.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::Pointwise;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// In order of completion: a success, a failure, a ragged request; two drops before the last ends.
OpenLoopResult Loop() {
  OpenLoopResult loop;
  loop.recorder.Add({.start_seconds = 0, .latency_seconds = 0.5, .lag_seconds = 0.25});
  loop.recorder.Add({.start_seconds = 1, .latency_seconds = 0.5, .code = 14, .lag_seconds = 0.125});
  loop.recorder.Add({.start_seconds = 2, .latency_seconds = 1, .ragged = true, .lag_seconds = 0.5});
  loop.recorder.Add({.start_seconds = 5, .latency_seconds = 1});
  loop.dropped = 2;
  loop.drop_times = {1.25, 7};
  return loop;
}

MATCHER(AreNear, "") {
  const auto& [got, wanted] = arg;
  return got == wanted || std::abs(got - wanted) < 1e-8;
}

TEST(OpenSeries, FailuresAndDropsAreInfiniteWhereTheyHappened) {
  const OpenLoopResult loop = Loop();
  const OpenSeries series{loop};
  EXPECT_THAT(series.Ok(), Pointwise(AreNear(), {0.75, 1.0}));
  EXPECT_THAT(series.All(), Pointwise(AreNear(), {0.75, kInfinity, kInfinity, 1.0, kInfinity}));
  EXPECT_THAT(series.Sent(), Pointwise(AreNear(), {0.5, kInfinity, 1.0}));
  EXPECT_THAT(series.Lag(), Pointwise(AreNear(), {0.25, 0.125, 0.5, 0.0}));
}

TEST(OpenSeries, ThoseOfTheFirstRequestsHaveTheirDropsOnly) {
  const OpenLoopResult loop = Loop();
  const OpenSeries first{loop, 2};
  EXPECT_THAT(first.All(), Pointwise(AreNear(), {0.75, kInfinity, kInfinity}));
  EXPECT_EQ(first.Lag().size(), 2);
}

TEST(AllKept, NotWhereDropsHaveNoTime) {
  OpenLoopResult loop = Loop();
  EXPECT_TRUE(AllKept(loop));
  loop.dropped = 3;
  EXPECT_FALSE(AllKept(loop));
}

}  // namespace
}  // namespace normbench
