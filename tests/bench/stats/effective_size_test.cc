// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/effective_size.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace normbench {
namespace {

std::vector<double> Independent(size_t n, int seed = 1) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> distribution(1);
  std::vector<double> series(n);
  for (double& value : series) value = distribution(random);
  return series;
}

// Each value `times` times in a row.
std::vector<double> Repeated(const std::vector<double>& values, int times) {
  std::vector<double> series;
  for (double value : values) series.insert(series.end(), times, value);
  return series;
}

std::vector<double> Ar1(size_t n, double phi) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise;
  std::vector<double> series(n);
  double x = noise(random) / std::sqrt(1 - phi * phi);
  for (double& value : series) value = x = phi * x + noise(random);
  return series;
}

const double kP99 = std::log(100.0);  // of Independent()

TEST(EffectiveSize, OfIndependentValuesIsTheirNumber) {
  for (size_t n : {2000u, 20000u, 500000u}) {
    const double size = EffectiveSize(Independent(n), kP99);
    EXPECT_GT(size, 0.9 * n) << n;
    EXPECT_LE(size, n) << n;
  }
}

TEST(EffectiveSize, ValuesRepeatedTenTimesCountOnce) {
  for (size_t distinct : {2000u, 50000u}) {  // below and above the number of blocks
    const double size = EffectiveSize(Repeated(Independent(distinct), 10), kP99);
    EXPECT_NEAR(size, distinct, 0.1 * distinct);
  }
}

TEST(EffectiveSize, LongBurstsInALongSeries) {
  const double size = EffectiveSize(Repeated(Independent(500), 1000), std::log(2.0));
  EXPECT_NEAR(size, 500, 100);
}

TEST(EffectiveSize, OfAnAutoregressiveSeries) {
  // The indicator of a Gaussian AR(1) above its median has autocorrelation 2/pi asin(phi^k)
  // (Sheppard 1899); 1 + 2 sum over k is 2.30717 for phi = 0.5 and 13.2789 for 0.9.
  constexpr double kN = 100000;
  EXPECT_NEAR(EffectiveSize(Ar1(kN, 0.5), 0), kN / 2.30717, 0.05 * kN / 2.30717);
  EXPECT_NEAR(EffectiveSize(Ar1(kN, 0.9), 0), kN / 13.2789, 0.10 * kN / 13.2789);
}

TEST(EffectiveSize, AStepIsWorthNextToNothing) {
  std::vector<double> series(10000, 1.0);
  std::fill(series.begin() + 5000, series.end(), 2.0);
  EXPECT_LT(EffectiveSize(series, 1.5), 10);
  EXPECT_GE(EffectiveSize(series, 1.5), 1);
}

TEST(EffectiveSize, LooksAtTheTailNotAtTheMean) {
  // Independent below the threshold; above it in bursts of 50.
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> series(50000);
  for (double& value : series) value = uniform(random);
  for (size_t burst = 0; burst < 10; ++burst) {
    for (size_t i = 0; i < 50; ++i) series[burst * 5000 + 17 * burst * burst + i] = 5;
  }
  // Variance of the sum: 50000 x 0.25 without bursts; each adds (50 x 0.5)^2: 50000 x 12500 /
  // 18625.
  EXPECT_NEAR(EffectiveSize(series, 0.5), 33557, 2500);
  EXPECT_NEAR(EffectiveSize(series, 2), 1000, 100);
}

TEST(EffectiveSize, AlternatingValuesAreNotWorthMoreThanTheirNumber) {
  std::vector<double> series(1000);
  for (size_t i = 0; i < series.size(); ++i) series[i] = i % 2;
  EXPECT_EQ(EffectiveSize(series, 0.5), 1000);
}

TEST(EffectiveSize, WithoutVariationItIsTheNumber) {
  EXPECT_EQ(EffectiveSize(std::vector<double>(100, 1.0), 1.0), 100);
  EXPECT_EQ(EffectiveSize(std::vector<double>(100, 1.0), 0.5), 100);
  EXPECT_EQ(EffectiveSize(std::vector<double>{}, 0.5), 0);
  EXPECT_EQ(EffectiveSize(std::vector<double>{3}, 0.5), 1);
}

}  // namespace
}  // namespace normbench
