// SPDX-License-Identifier: Apache-2.0
#include "bench/report/pooled_latency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "bench/report/latency.h"

namespace normbench {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A visit of `n` requests: first, first + step, first + 2 step ... seconds.
struct Visit {
  std::vector<float> raw;
  v1::LatencySummary summary;
  bool as_histogram = false;

  Visit(int n, double first, double step) {
    std::vector<double> seconds;
    for (int i = 0; i < n; ++i) seconds.push_back(first + i * step);
    raw.assign(seconds.begin(), seconds.end());
    summary = SummarizeLatency(seconds, "closed");
  }

  VisitLatency latency() const {
    const std::span<const float> none;
    return {&summary, as_histogram ? none : raw, &summary.histogram()};
  }
};

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

TEST(PoolLatency, FailuresAreInfinite) {
  Visit failing(98, 1, 0);
  failing.raw.insert(failing.raw.end(), 2, kInfinity);
  failing.summary.set_n(100);
  failing.summary.clear_max();
  const v1::LatencySummary pooled = Pool({failing, Visit(100, 1, 0)});
  EXPECT_EQ(pooled.n(), 200);
  EXPECT_NEAR(pooled.p90().value(), 1, 1e-6);
  EXPECT_FALSE(pooled.has_max());
  const v1::LatencySummary worse = Pool({failing, failing, failing, failing});
  EXPECT_TRUE(worse.p99().is_infinite());
  EXPECT_FALSE(worse.p99().has_value());
}

TEST(PoolLatency, TakesTheHistogramWhereRawOnesWereNotKept) {
  Visit visit(4, 1, 0);
  visit.as_histogram = true;
  for (const auto& [upper, count] : {std::pair{0.5, 300.0}, std::pair{2.0, 100.0}}) {
    v1::HistogramBucket* bucket = visit.summary.add_histogram();
    bucket->set_upper_seconds(upper);
    bucket->set_count(count);
  }
  visit.summary.set_n(402);  // two more failed
  const v1::LatencySummary pooled = Pool({visit, Visit(400, 0.4, 0)});
  EXPECT_EQ(pooled.source(), "histogram");
  EXPECT_EQ(pooled.n(), 802);
  EXPECT_NEAR(pooled.p50().value(), 0.5, 1e-9);
  EXPECT_NEAR(pooled.p90().value(), 2.0, 1e-9);
}

TEST(PoolLatency, OfNothingIsNothing) {
  const v1::LatencySummary pooled = Pool({Visit(0, 0, 0), Visit(0, 0, 0)});
  EXPECT_EQ(pooled.n(), 0);
  EXPECT_FALSE(pooled.has_p50());
}

}  // namespace
}  // namespace normbench
