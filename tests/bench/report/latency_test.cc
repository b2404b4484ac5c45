// SPDX-License-Identifier: Apache-2.0
#include "bench/report/latency.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 1, 2, ... n milliseconds in an order without correlation.
std::vector<double> Shuffled(int n) {
  std::vector<double> values;
  for (int i = 1; i <= n; ++i) values.push_back(i * 1e-3);
  std::shuffle(values.begin(), values.end(), std::mt19937(3));
  return values;
}

TEST(SummarizeLatency, TakesTheNearestRank) {
  const v1::LatencySummary summary = SummarizeLatency(Shuffled(1001), "closed");
  EXPECT_EQ(summary.n(), 1001);
  EXPECT_DOUBLE_EQ(summary.p50().value(), 0.501);  // ceil(500.5)
  EXPECT_DOUBLE_EQ(summary.p90().value(), 0.901);  // ceil(900.9)
  EXPECT_DOUBLE_EQ(summary.p99().value(), 0.991);  // ceil(990.99)
  EXPECT_DOUBLE_EQ(summary.min(), 0.001);
  EXPECT_DOUBLE_EQ(summary.max(), 1.001);
  EXPECT_NEAR(summary.mean(), 0.501, 1e-12);
  EXPECT_EQ(summary.source(), "raw");
  EXPECT_EQ(summary.loop(), "closed");
  EXPECT_EQ(summary.p50().method(), "nearest-rank");
  EXPECT_EQ(summary.p50().ci_scope(), "process");
}

TEST(SummarizeLatency, IntervalsAreOrderStatistics) {
  const v1::LatencySummary summary = SummarizeLatency(Shuffled(1000), "closed");
  // Binomial(1000, 0.5): 2.5 % below 469, so ranks 469 and 532 hold 95 % (Conover, table A3).
  const double n_eff = summary.p50().n_eff();
  ASSERT_GT(n_eff, 500);
  EXPECT_LT(summary.p50().low(), 0.4691);
  EXPECT_GT(summary.p50().low(), 0.44);
  EXPECT_GT(summary.p50().high(), 0.5319);
  EXPECT_LT(summary.p50().high(), 0.56);
}

TEST(SummarizeLatency, SaysNothingWhereNIsTooSmall) {
  const v1::LatencySummary few = SummarizeLatency(Shuffled(300), "closed");
  EXPECT_TRUE(few.p50().has_value());
  EXPECT_TRUE(few.p90().has_value());
  EXPECT_FALSE(few.p99().has_value());  // needs 368
  EXPECT_FALSE(few.p99().is_infinite());
  EXPECT_GT(few.p99().n_eff(), 0);
  EXPECT_FALSE(few.p999().has_value());
  const v1::LatencySummary five = SummarizeLatency(Shuffled(5), "none");
  EXPECT_FALSE(five.p50().has_value());  // needs 6
  EXPECT_TRUE(five.has_min());
}

TEST(SummarizeLatency, CorrelatedSamplesCountForLess) {
  // Long runs of slow requests: the tail's information is in the runs, not in the requests.
  std::vector<double> bursts;
  for (int i = 0; i < 4000; ++i) bursts.push_back(i / 100 % 10 == 0 ? 0.1 : 0.01);
  const v1::LatencySummary summary = SummarizeLatency(bursts, "closed");
  EXPECT_LT(summary.p50().n_eff(), 400);
  std::vector<double> mixed = bursts;
  std::shuffle(mixed.begin(), mixed.end(), std::mt19937(3));
  EXPECT_GT(SummarizeLatency(mixed, "closed").p50().n_eff(), 2000);
}

// One stall in many requests: it was seen, and says nothing of the next run.
TEST(SummarizeLatency, AStallIsSaidWithoutAnInterval) {
  std::vector<double> values(2000, 0.001);
  for (int i = 0; i < 200; ++i) values[1000 + i] = 1 - 0.005 * i;
  const v1::LatencySummary summary = SummarizeLatency(values, "open");
  EXPECT_DOUBLE_EQ(summary.p99().value(), 0.9);  // the 21st of the 200
  EXPECT_LT(summary.p99().n_eff(), 368);
  EXPECT_FALSE(summary.p99().has_low());
  EXPECT_FALSE(summary.p99().has_high());
}

TEST(SummarizeLatency, FailuresAreInfiniteNotLeftOut) {
  std::vector<double> values = Shuffled(990);
  values.insert(values.end(), 10, kInfinity);
  std::shuffle(values.begin(), values.end(), std::mt19937(5));
  const v1::LatencySummary summary = SummarizeLatency(values, "closed");
  EXPECT_EQ(summary.n(), 1000);
  EXPECT_DOUBLE_EQ(summary.p50().value(), 0.5);
  EXPECT_DOUBLE_EQ(summary.p99().value(), 0.99);  // the slowest success
  EXPECT_TRUE(summary.p999().is_infinite());
  EXPECT_FALSE(summary.p999().has_value());
  EXPECT_FALSE(summary.p99().has_high());
  EXPECT_FALSE(summary.has_max());
  EXPECT_FALSE(summary.has_mean());
  EXPECT_TRUE(summary.has_min());
}

TEST(SummarizeLatency, OfNothingOrOnlyFailures) {
  const v1::LatencySummary none = SummarizeLatency({}, "closed");
  EXPECT_EQ(none.n(), 0);
  EXPECT_FALSE(none.has_p50());
  const v1::LatencySummary failed = SummarizeLatency(std::vector<double>(50, kInfinity), "closed");
  EXPECT_TRUE(failed.p50().is_infinite());
  EXPECT_FALSE(failed.p50().has_value());
  EXPECT_FALSE(failed.has_min());
}

TEST(SummarizeHistogram, AgreesWithTheSamplesToThreeDigits) {
  const std::vector<double> values = Shuffled(5000);
  Histogram histogram;
  for (const double value : values) histogram.Record(value);
  const v1::LatencySummary exact = SummarizeLatency(values, "closed");
  const v1::LatencySummary summary = SummarizeHistogram({&histogram, 0, values, "closed"});
  EXPECT_EQ(summary.source(), "histogram");
  EXPECT_EQ(summary.n(), 5000);
  EXPECT_NEAR(summary.p50().value(), exact.p50().value(), 0.002 * exact.p50().value());
  EXPECT_NEAR(summary.p99().value(), exact.p99().value(), 0.002 * exact.p99().value());
  EXPECT_NEAR(summary.p99().low(), exact.p99().low(), 0.003 * exact.p99().low());
  EXPECT_NEAR(summary.p99().high(), exact.p99().high(), 0.003 * exact.p99().high());
  EXPECT_FALSE(summary.has_mean());
}

TEST(SummarizeHistogram, CountsFailuresAboveAllSuccesses) {
  const std::vector<double> values = Shuffled(1000);
  Histogram histogram;
  for (const double value : values) histogram.Record(value);
  const v1::LatencySummary summary = SummarizeHistogram({&histogram, 1000, values, "closed"});
  EXPECT_EQ(summary.n(), 2000);
  EXPECT_NEAR(summary.p50().value(), 1.0, 0.002);  // rank 1000 of 2000: the slowest success
  EXPECT_TRUE(summary.p90().is_infinite());
  EXPECT_FALSE(summary.p90().has_value());
}

TEST(AddHistogram, KeepsEveryCount) {
  Histogram histogram;
  for (int i = 0; i < 7; ++i) histogram.Record(0.5);
  histogram.Record(0.001);
  v1::LatencySummary summary;
  AddHistogram(histogram, &summary);
  ASSERT_EQ(summary.histogram_size(), 2);
  EXPECT_NEAR(summary.histogram(0).upper_seconds(), 0.001, 2e-6);
  EXPECT_EQ(summary.histogram(0).count(), 1);
  EXPECT_EQ(summary.histogram(1).count(), 7);
}

}  // namespace
}  // namespace normbench
