// SPDX-License-Identifier: Apache-2.0
#include "bench/report/pooled_latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "bench/report/latency.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A visit of `n` requests: first, first + step, first + 2 step ... seconds.
struct Visit {
  KeptSeries series;
  v1::LatencySummary summary;
  bool whole = true;

  explicit Visit(const std::vector<double>& seconds)
      : series(Keep(seconds)), summary(SummarizeLatency(seconds, "closed")) {}
  Visit(int n, double first, double step) : Visit(Seconds(n, first, step)) {}

  static std::vector<double> Seconds(int n, double first, double step) {
    std::vector<double> seconds;
    for (int i = 0; i < n; ++i) seconds.push_back(first + i * step);
    return seconds;
  }

  VisitLatency latency() const { return {&summary, &series, whole}; }
};

// `n` of one second, the last `failed` of them failures.
Visit Failing(int n, int failed) {
  std::vector<double> seconds(static_cast<size_t>(n), 1.0);
  std::fill(seconds.end() - failed, seconds.end(), kInfinity);
  return Visit(seconds);
}

v1::LatencySummary Pool(const std::vector<Visit>& visits) {
  std::vector<VisitLatency> latencies;
  for (const Visit& visit : visits) latencies.push_back(visit.latency());
  return PoolLatency(latencies);
}

TEST(PoolLatency, QuantilesAreOfAllRequestsNotMeansOfQuantiles) {
  // The second visit has nine tenths of the requests: the median is its own, about.
  const v1::LatencySummary pooled = Pool({Visit(100, 10, 0), Visit(900, 1, 0.001)});
  EXPECT_EQ(pooled.n(), 1000);
  EXPECT_NEAR(pooled.p50().value(), 1.499, 1e-5);  // value 500 of 1000
  EXPECT_NEAR(pooled.p99().value(), 10, 1e-5);
  EXPECT_NEAR(pooled.min(), 1, 1e-9);
  EXPECT_NEAR(pooled.max(), 10, 1e-9);
  EXPECT_NEAR(pooled.mean(), (100 * 10 + 900 * (1 + 0.4495)) / 1000, 1e-6);
  EXPECT_EQ(pooled.source(), "raw");
  EXPECT_EQ(pooled.loop(), "closed");
  EXPECT_EQ(pooled.p50().method(), "nearest-rank");
  EXPECT_EQ(pooled.p50().ci_scope(), "visits");
}

TEST(PoolLatency, IntervalsSayHowFarVisitsDiffer) {
  // Within each visit all are equal: a single one would say that nothing varies.
  const v1::LatencySummary pooled =
      Pool({Visit(400, 1, 0), Visit(400, 1.1, 0), Visit(400, 1.2, 0)});
  EXPECT_NEAR(pooled.p50().value(), 1.1, 1e-6);
  EXPECT_LT(pooled.p50().low(), 1.0);
  EXPECT_GT(pooled.p50().high(), 1.2);
}

TEST(PoolLatency, SaysWhatAllVisitsTogetherCarry) {
  // 12 a visit are too few for p90 (36), 3 x 12 are not; p99 needs one beyond it in each visit.
  const v1::LatencySummary pooled =
      Pool({Visit(12, 1, 0.01), Visit(12, 1.1, 0.01), Visit(12, 1.2, 0.01)});
  EXPECT_TRUE(pooled.p90().has_low());
  EXPECT_FALSE(pooled.p99().has_value());
  const v1::LatencySummary few = Pool({Visit(3, 1, 0.01), Visit(33, 1, 0.01)});
  EXPECT_TRUE(few.p90().has_value());
  EXPECT_FALSE(few.p90().has_low());  // three requests have no p90 of their own
}

TEST(PoolLatency, OneRequestBeyondTheQuantileIsEnough) {
  const Visit ten(10, 1, 0.01);  // 10 (1 - 0.9) is below 1 in binary
  EXPECT_TRUE(Pool({ten, ten, ten, ten}).p90().has_low());
}

TEST(PoolLatency, FailuresAreInfinite) {
  const v1::LatencySummary pooled = Pool({Failing(100, 2), Failing(100, 0)});
  EXPECT_EQ(pooled.n(), 200);
  EXPECT_NEAR(pooled.p90().value(), 1, 1e-6);
  EXPECT_FALSE(pooled.has_max());
  const v1::LatencySummary worse = Pool({Failing(100, 2), Failing(100, 2), Failing(400, 8)});
  EXPECT_TRUE(worse.p99().is_infinite());
  EXPECT_FALSE(worse.p99().has_value());
}

TEST(PoolLatency, HasNoUpperEndWhereOneVisitFailed) {
  const v1::LatencySummary pooled = Pool({Failing(200, 3), Failing(200, 0), Failing(200, 0)});
  EXPECT_NEAR(pooled.p99().value(), 1, 1e-6);
  EXPECT_TRUE(pooled.p99().has_low());
  EXPECT_FALSE(pooled.p99().has_high());
}

TEST(PoolLatency, TakesIntervalsFromWholeVisits) {
  Visit cut_short(3, 2, 0);
  cut_short.whole = false;
  const Visit whole(400, 1, 0.001);
  EXPECT_TRUE(Pool({whole, whole, cut_short}).p90().has_low());
  EXPECT_FALSE(Pool({whole, cut_short}).p90().has_low());
}

TEST(PoolLatency, TakesBucketsWhereThereAreTooMany) {
  std::vector<double> many(kMostKept, 0.5);
  many.insert(many.end(), 100, kInfinity);
  const v1::LatencySummary pooled = Pool({Visit(many), Visit(400, 0.4, 0)});
  EXPECT_EQ(pooled.source(), "histogram");
  EXPECT_EQ(pooled.n(), kMostKept + 500);
  EXPECT_NEAR(pooled.p50().value(), 0.5, 1e-3);
  EXPECT_NEAR(pooled.p99().value(), 0.5, 1e-3);
  EXPECT_TRUE(pooled.p999().is_infinite());
}

TEST(PoolLatency, OfNothingIsNothing) {
  const v1::LatencySummary pooled = Pool({Visit(0, 0, 0), Visit(0, 0, 0)});
  EXPECT_EQ(pooled.n(), 0);
  EXPECT_FALSE(pooled.has_p50());
}

}  // namespace
}  // namespace normbench
