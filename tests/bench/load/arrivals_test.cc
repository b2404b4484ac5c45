// SPDX-License-Identifier: Apache-2.0
#include "bench/load/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace normbench {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<double> All(Arrivals& arrivals) {
  std::vector<double> times;
  while (const std::optional<double> time = arrivals.Next()) times.push_back(*time);
  return times;
}

std::vector<double> Constant(std::vector<RateSegment> segments) {
  return All(*MakeArrivals(std::move(segments), Spacing::kConstant, 1));
}

std::vector<double> Poisson(std::vector<RateSegment> segments, uint64_t seed) {
  return All(*MakeArrivals(std::move(segments), Spacing::kPoisson, seed));
}

TEST(Arrivals, ConstantOnesAreEvenlySpacedFromZero) {
  EXPECT_THAT(Constant({{1, 4}}), ElementsAre(0, 0.25, 0.5, 0.75));
}

TEST(Arrivals, AFractionalRateIsKept) {
  EXPECT_THAT(Constant({{10, 0.25}}), ElementsAre(0, 4, 8));
}

TEST(Arrivals, AnHourOfFractionsEndsWhereItShould) {
  const std::vector<double> times = Constant({{3600, 333.3}});
  EXPECT_EQ(times.size(), 1199880u);
  EXPECT_THAT(times.back(), DoubleNear(1199879 / 333.3, 1e-9)) << "no error adds up";
}

TEST(Arrivals, AGapMaySpanARateOfNothing) {
  EXPECT_THAT(Constant({{1, 2}, {5, 0}, {1, 1}}), ElementsAre(0, 0.5, 6));
}

TEST(Arrivals, AGapMaySpanAChangeOfRate) {
  // 1.5 arrivals fit into the first second; half a gap is left, at the second rate.
  const std::vector<double> times = Constant({{1, 1.5}, {1, 10}});
  ASSERT_EQ(times.size(), 12u);
  EXPECT_THAT(times[1], DoubleNear(2.0 / 3, 1e-12));
  EXPECT_THAT(times[2], DoubleNear(1.05, 1e-12));
  EXPECT_THAT(times[11], DoubleNear(1.95, 1e-12));
}

TEST(Arrivals, NothingIsNothing) {
  EXPECT_THAT(Constant({}), IsEmpty());
  EXPECT_THAT(Constant({{5, 0}}), IsEmpty());
  EXPECT_THAT(Poisson({{0, 100}}, 1), IsEmpty());
}

TEST(Arrivals, OneSeedIsOneSchedule) {
  EXPECT_EQ(Poisson({{10, 50}}, 7), Poisson({{10, 50}}, 7));
  EXPECT_NE(Poisson({{10, 50}}, 7), Poisson({{10, 50}}, 8));
}

// The largest distance between the gaps' distribution and the exponential one, against the
// Kolmogorov-Smirnov bound at 0.1 % (1.95 / sqrt(n)); and as many as the rate says, within 4 sigma.
TEST(Arrivals, PoissonGapsAreExponential) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const std::vector<double> times = Poisson({{100, 200}}, seed);
    const double n = static_cast<double>(times.size());
    EXPECT_NEAR(n, 20000, 4 * std::sqrt(20000));
    std::vector<double> gaps;
    for (size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
    std::sort(gaps.begin(), gaps.end());
    double distance = 0;
    for (size_t i = 0; i < gaps.size(); ++i) {
      const double expected = -std::expm1(-200 * gaps[i]);
      distance = std::max(distance, std::abs(expected - static_cast<double>(i) / n));
    }
    EXPECT_LT(distance, 1.95 / std::sqrt(n)) << "seed " << seed;
  }
}

TEST(Arrivals, ASpikeHasItsShareOfThem) {
  const std::vector<double> times = Poisson({{10, 100}, {1, 5000}, {10, 100}}, 3);
  const auto in_spike =
      std::count_if(times.begin(), times.end(), [](double t) { return t >= 10 && t < 11; });
  EXPECT_NEAR(static_cast<double>(in_spike), 5000, 4 * std::sqrt(5000));
  EXPECT_NEAR(static_cast<double>(times.size()), 7000, 4 * std::sqrt(7000));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(Arrivals, ATraceIsItself) {
  EXPECT_THAT(All(*MakeTraceArrivals({0.5, 0.5, 2})), ElementsAre(0.5, 0.5, 2));
}

}  // namespace
}  // namespace normbench
