// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/welch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace normbench {
namespace {

// Welch's example as R documents it: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776,
// p = 0.07939 (two-sided), 95 % interval -3.3654832 to 0.2054832.
const MeanOfFew kDrug1 = {.mean = 0.75, .standard_error = 1.789010 / std::sqrt(10.0), .n = 10};
const MeanOfFew kDrug2 = {.mean = 2.33, .standard_error = 2.002249 / std::sqrt(10.0), .n = 10};

TEST(Welch, TheSleepData) {
  const MeanDifference difference = Welch(kDrug2, kDrug1);
  EXPECT_NEAR(difference.estimate / difference.standard_error, -1.8608, 1e-4);
  EXPECT_NEAR(difference.degrees, 17.776, 1e-3);
  EXPECT_NEAR(2 * difference.PLess(0), 0.07939, 1e-5);
  EXPECT_NEAR(difference.Bound(0.025), -3.3654832, 1e-4);
  EXPECT_NEAR(difference.Bound(0.975), 0.2054832, 1e-4);
}

TEST(Welch, BothTestsTogetherAreCertain) {
  const MeanDifference difference = Welch(kDrug1, kDrug2);
  for (const double limit : {-3.0, 0.0, 1.58, 4.0}) {
    EXPECT_NEAR(difference.PLess(limit) + difference.PGreater(limit), 1, 1e-12);
  }
  EXPECT_NEAR(difference.PGreater(difference.Bound(0.05)), 0.05, 1e-9);
}

TEST(Welch, GetsTheStandardErrorBackFromAnInterval) {
  // t of 4 degrees of freedom at 97.5 %: 2.7764.
  const MeanOfFew mean = MeanFromInterval(10, 10 - 2.7764451, 10 + 2.7764451, 0.95, 5);
  EXPECT_NEAR(mean.standard_error, 1, 1e-6);
  EXPECT_EQ(mean.n, 5);
}

TEST(Welch, NothingThatScattersIsStillANumber) {
  const MeanOfFew a = {.mean = 1, .standard_error = 0, .n = 3};
  const MeanDifference difference = Welch(a, {.mean = 2, .standard_error = 0, .n = 3});
  EXPECT_NEAR(difference.PGreater(0.5), 0, 1e-9);
  EXPECT_NEAR(difference.PLess(0.5), 1, 1e-9);
}

// The examples of R's power.t.test, standard deviations of 1 and a difference of 1: one-sided at 90
// % power 17.85 a side, two-sided 22.02, one-sided at 80 % 13.10.
TEST(Welch, SaysHowManyValuesItWouldTake) {
  const MeanOfFew five = {.mean = 0, .standard_error = 1 / std::sqrt(5.0), .n = 5};
  const MeanOfFew nine = {.mean = 7, .standard_error = 1 / std::sqrt(9.0), .n = 9};
  EXPECT_EQ(ValuesToDetect(five, nine, {.effect = 1, .power = 0.9}, 1000), 18);
  EXPECT_EQ(ValuesToDetect(five, nine, {.effect = 1, .alpha = 0.025, .power = 0.9}, 1000), 23);
  EXPECT_EQ(ValuesToDetect(five, nine, {.limit = 2, .effect = 3}, 1000), 14);
  EXPECT_EQ(ValuesToDetect(five, nine, {.effect = 1, .power = 0.9}, 17), 18) << "most + 1";
}

TEST(Welch, DetectsWhatSoManyValuesFind) {
  const MeanOfFew side = {.mean = 0, .standard_error = 1 / std::sqrt(18.0), .n = 18};
  const double found = Welch(side, side).Detectable(0, 0.05, 0.9);
  EXPECT_NEAR(found, 0.9993, 1e-4);
  EXPECT_NEAR(Welch(side, side).Detectable(0.5, 0.05, 0.9), 0.5 + found, 1e-12);
}

TEST(Welch, ValuesOfBothSidesScatter) {
  const MeanOfFew a = {.mean = 1, .standard_error = 3 / std::sqrt(5.0), .n = 5};
  const MeanOfFew b = {.mean = 2, .standard_error = 4 / std::sqrt(7.0), .n = 7};
  EXPECT_NEAR(PairDeviation(a, b), 5, 1e-12);
}

}  // namespace
}  // namespace normbench
