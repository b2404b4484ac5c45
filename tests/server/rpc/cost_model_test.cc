// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/cost_model.h"

#include <gtest/gtest.h>

#include <limits>

namespace normbench {
namespace {

TEST(CostModel, GuessesBeforeItKnows) {
  const CostModel costs;
  EXPECT_DOUBLE_EQ(costs.Estimate("group/torch", 1000), 5e-6 + 1000 * 20e-9);
}

TEST(CostModel, TheFirstMeasurementReplacesTheGuess) {
  CostModel costs;
  costs.Learn("group/torch", 1000, 2e-6);
  EXPECT_DOUBLE_EQ(costs.Estimate("group/torch", 1000), 2e-6);
  EXPECT_DOUBLE_EQ(costs.Estimate("group/native", 1000), 25e-6) << "another kind knows nothing";
}

TEST(CostModel, LaterMeasurementsMoveItByAFifth) {
  CostModel costs;
  costs.Learn("k", 1000, 10e-6);
  costs.Learn("k", 1000, 20e-6);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 1000), 12e-6);
  for (int i = 0; i < 100; ++i) costs.Learn("k", 1000, 20e-6);
  EXPECT_NEAR(costs.Estimate("k", 1000), 20e-6, 1e-12);
}

TEST(CostModel, OneSizeSpeaksForItsPowerOfTwo) {
  CostModel costs;
  costs.Learn("k", 1024, 1024e-9);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 2047), 2047e-9);
}

TEST(CostModel, AnUnknownSizeTakesTheRateOfTheNextSmaller) {
  CostModel costs;
  costs.Learn("k", 16, 16e-9 * 10);
  costs.Learn("k", 1024, 1024e-9);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 100), 100e-9 * 10);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 1 << 20), (1 << 20) * 1e-9);
}

// 0.5 ms for 72 elements is a first call's overhead, not 7 us an element.
TEST(CostModel, OverheadOfSmallWorkIsNotAPriceAnElement) {
  CostModel costs;
  costs.Learn("k", 72, 0.5e-3);
  EXPECT_GT(costs.Estimate("k", 20'000'000), 0.4);
  EXPECT_LT(costs.Estimate("k", 20'000'000), 0.5);
}

TEST(CostModel, ALargerSizeKnowsNothingOfFixedCost) {
  CostModel costs;
  costs.Learn("k", 1 << 20, (1 << 20) * 1e-9);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 16), 5e-6 + 16e-9);
}

TEST(CostModel, ExtremeSizesHaveAPlace) {
  CostModel costs;
  costs.Learn("k", std::numeric_limits<int64_t>::max(), 1);
  costs.Learn("k", 1, 1e-6);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", 1), 1e-6);
  EXPECT_DOUBLE_EQ(costs.Estimate("k", std::numeric_limits<int64_t>::max()), 1);
}

}  // namespace
}  // namespace normbench
