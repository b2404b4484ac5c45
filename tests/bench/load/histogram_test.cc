// SPDX-License-Identifier: Apache-2.0
#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace normbench {
namespace {

using Buckets = std::vector<std::pair<double, double>>;

// An independent statement of the rank, in whole numbers: q in thousandths.
double SortedQuantile(const std::vector<double>& sorted, int64_t thousandths) {
  const int64_t n = static_cast<int64_t>(sorted.size());
  return sorted[(n * thousandths + 999) / 1000 - 1];
}

std::vector<double> Latencies(size_t n, int seed, double median, double sigma) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> distribution(std::log(median), sigma);
  std::vector<double> values(n);
  for (double& value : values) value = distribution(random);
  return values;
}

void ExpectQuantilesOf(const Histogram& histogram, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  ASSERT_EQ(histogram.count(), values.size());
  for (int64_t thousandths : {1, 10, 250, 500, 900, 990, 999, 1000}) {
    const double exact = SortedQuantile(values, thousandths);
    const double quantile = histogram.Quantile(static_cast<double>(thousandths) / 1000);
    // The upper edge of the exact value's bucket: never below it, at most a 1024th above.
    EXPECT_GE(quantile, exact) << thousandths;
    EXPECT_LE(quantile, exact * (1 + 1.0 / 1024)) << thousandths;
  }
}

TEST(Histogram, QuantilesAgreeWithSortedSamplesToThreeDigits) {
  int seed = 0;
  for (size_t n : {1u, 2u, 10u, 367u, 1000u, 54321u}) {
    for (double median : {20e-6, 1e-3, 0.5}) {
      const std::vector<double> values = Latencies(n, ++seed, median, 0.7);
      Histogram histogram;
      for (double value : values) histogram.Record(value);
      ExpectQuantilesOf(histogram, values);
    }
  }
}

TEST(Histogram, MergedOnesEqualOneOfAll) {
  std::vector<double> all;
  Histogram merged, whole;
  for (int part = 0; part < 4; ++part) {
    Histogram histogram;
    for (double value : Latencies(1000 * part + 1, part, 1e-4 * (part + 1), 1)) {
      histogram.Record(value);
      whole.Record(value);
      all.push_back(value);
    }
    merged.Merge(histogram);
  }
  merged.Merge(Histogram());
  EXPECT_EQ(merged.Buckets(), whole.Buckets());
  ExpectQuantilesOf(merged, all);
}

TEST(Histogram, ABucketHoldsItsUpperEdge) {
  // 2^-10 s and the edge after it, 2^-10 (1 + 1/1024).
  constexpr double kEdge = 0x1p-10;
  constexpr double kNext = 0x1.004p-10;
  const double above = std::nextafter(kEdge, 1.0);
  Histogram histogram;
  histogram.Record(kEdge);
  EXPECT_EQ(histogram.Buckets(), (Buckets{{kEdge, 1}}));
  histogram.Record(above);
  histogram.Record(kNext);
  EXPECT_EQ(histogram.Buckets(), (Buckets{{kEdge, 1}, {kNext, 2}}));
  histogram.Record(std::nextafter(kEdge, 0.0));
  EXPECT_EQ(histogram.Buckets(), (Buckets{{kEdge, 2}, {kNext, 2}}));
  EXPECT_EQ(histogram.Quantile(0.5), kEdge);
  EXPECT_EQ(histogram.Quantile(0.51), kNext);
}

TEST(Histogram, EdgesAreDenseEverywhere) {
  // From one power of two to the next there are 1024 buckets, each with its own edge.
  Histogram histogram;
  for (int i = 0; i < 1024; ++i) histogram.Record(0.25 * (1 + (i + 0.5) / 1024));
  const Buckets buckets = histogram.Buckets();
  ASSERT_EQ(buckets.size(), 1024u);
  for (int i = 0; i < 1024; ++i) {
    EXPECT_EQ(buckets[i].first, 0.25 * (1 + (i + 1) / 1024.0));
    EXPECT_EQ(buckets[i].second, 1);
  }
}

TEST(Histogram, OutOfRangeIsCountedAtTheEnds) {
  Histogram histogram;
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double value : {0.0, -1.0, 1e-9, -inf, nan, Histogram::kMinSeconds}) {
    histogram.Record(value);
  }
  EXPECT_EQ(histogram.Buckets(), (Buckets{{Histogram::kMinSeconds, 6}}));
  for (double value : {100.0, 100.001, 1e9, inf, std::numeric_limits<double>::max()}) {
    histogram.Record(value);
  }
  EXPECT_EQ(histogram.Buckets(), (Buckets{{Histogram::kMinSeconds, 6}, {100.0, 5}}));
  EXPECT_EQ(histogram.Quantile(1), 100.0);
  EXPECT_EQ(histogram.count(), 11);
}

TEST(Histogram, TheFirstAndLastEdgesAreInTheRange) {
  EXPECT_LE(Histogram::kMinSeconds, 1e-6);
  Histogram histogram;
  histogram.Record(1e-6);
  EXPECT_NEAR(histogram.Quantile(1), 1e-6, 1e-9);
  histogram.Record(99.9);
  EXPECT_NEAR(histogram.Quantile(1), 99.9, 0.0999);
}

TEST(Histogram, RanksAreNearestRanks) {
  // 1 ms .. 100 ms: each in a bucket of its own.
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.Record(i * 1e-3);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_NEAR(histogram.Quantile(i / 100.0), i * 1e-3, i * 1e-6) << i;
  }
}

}  // namespace
}  // namespace normbench
