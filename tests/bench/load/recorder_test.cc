// SPDX-License-Identifier: Apache-2.0
#include "bench/load/recorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "bench/stats/quantile.h"

namespace normbench {
namespace {

TEST(Recorder, KeepsSamplesInOrderAndCountsCodes) {
  Recorder recorder;
  recorder.Add({0.0, 1e-3, 0, 8});
  recorder.Add({0.1, 5e-3, 14, 8});
  recorder.Add({0.2, 2e-3, 0, 8});
  ASSERT_EQ(recorder.samples().size(), 3u);
  EXPECT_EQ(recorder.samples()[1].start_seconds, 0.1);
  EXPECT_EQ(recorder.samples()[1].latency_seconds, 5e-3);
  EXPECT_EQ(recorder.samples()[1].code, 14);
  EXPECT_EQ(recorder.samples()[2].samples, 8);
  EXPECT_EQ(recorder.codes(), (std::map<int32_t, int64_t>{{0, 2}, {14, 1}}));
  EXPECT_EQ(recorder.count(), 3);
}

TEST(Recorder, TheHistogramLeavesFailuresOut) {
  Recorder recorder;
  recorder.Add({0, 1e-3, 0, 1});
  recorder.Add({0, 5, 4, 1});
  EXPECT_EQ(recorder.histogram().count(), 1);
  EXPECT_LT(recorder.histogram().Quantile(1), 2e-3);
}

TEST(Recorder, OfAnOpenLoopCountsFromTheScheduledSend) {
  Recorder recorder(true);
  recorder.Add({.latency_seconds = 1e-3, .lag_seconds = 1});
  recorder.Add({.latency_seconds = 1e-3, .code = 14, .lag_seconds = 2});
  EXPECT_NEAR(recorder.histogram().Quantile(1), 1.001, 2e-3);
  EXPECT_NEAR(recorder.sent().Quantile(1), 1e-3, 2e-6);
  EXPECT_EQ(recorder.lag().count(), 2) << "that of failures, too";
  EXPECT_NEAR(recorder.lag().Quantile(1), 2, 3e-3);
}

TEST(Recorder, RaggedSamplesAreKeptButNotInTheHistogram) {
  Recorder recorder;
  recorder.Add({0, 1e-3, 0, 8, false});
  recorder.Add({0, 1e-3, 0, 5, true});
  recorder.Add({0, 1e-3, 14, 5, true});
  recorder.Add({0, 1e-3, 14, 8, false});
  EXPECT_EQ(recorder.count(), 4);
  EXPECT_EQ(recorder.codes(), (std::map<int32_t, int64_t>{{0, 2}, {14, 2}}));
  EXPECT_EQ(recorder.histogram().count(), 1);
  EXPECT_EQ(recorder.ragged_errors(), 1);
}

TEST(Recorder, SamplesAreBoundedCountsAreNot) {
  Recorder recorder;
  const size_t capacity = recorder.samples().capacity();
  for (size_t i = 0; i < Recorder::kMaxSamples + 10; ++i) recorder.Add({i / 1000.0, 1e-3, 0, 1});
  EXPECT_EQ(recorder.samples().size(), Recorder::kMaxSamples);
  EXPECT_NEAR(recorder.samples().back().start_seconds, (Recorder::kMaxSamples - 1) / 1000.0, 4e-5);
  EXPECT_EQ(recorder.count(), static_cast<int64_t>(Recorder::kMaxSamples) + 10);
  EXPECT_EQ(recorder.histogram().count(), Recorder::kMaxSamples + 10);
  EXPECT_EQ(recorder.samples().capacity(), capacity) << "never copied on the way";
}

TEST(Recorder, FindsTheFirstAndTheLatestSamples) {
  Recorder recorder;
  EXPECT_FALSE(recorder.Find(0).has_value());
  constexpr int64_t kAll = Recorder::kMaxSamples + Recorder::kMaxLatest + 10;
  for (int64_t i = 0; i < kAll; ++i) recorder.Add({i / 1000.0, 1e-3, 0, 1});
  for (const int64_t number : {int64_t{0}, int64_t{Recorder::kMaxSamples} - 1,
                               kAll - int64_t{Recorder::kMaxLatest}, kAll - 1}) {
    ASSERT_TRUE(recorder.Find(number).has_value()) << number;
    EXPECT_NEAR(recorder.Find(number)->start_seconds, number / 1000.0, 4e-5);
  }
  EXPECT_FALSE(recorder.Find(-1).has_value());
  EXPECT_FALSE(recorder.Find(Recorder::kMaxSamples).has_value()) << "overwritten";
  EXPECT_FALSE(recorder.Find(kAll).has_value());
}

TEST(Recorder, P99OfSamplesAndOfTheHistogramIsTheSameRank) {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> latency(-7, 0.5);
  for (int n : {100, 367, 368, 1000, 9999}) {
    Recorder recorder;
    for (int i = 0; i < n; ++i) recorder.Add({0, latency(random), 0, 1});
    std::vector<double> sorted;
    for (const Sample& sample : recorder.samples()) sorted.push_back(sample.latency_seconds);
    std::sort(sorted.begin(), sorted.end());
    const double p99 = NearestRank(sorted, 0.99);
    EXPECT_EQ(p99, sorted[(n * 99 + 99) / 100 - 1]);  // ceil(0.99 n) in whole numbers
    EXPECT_GE(recorder.histogram().Quantile(0.99), p99);
    EXPECT_LE(recorder.histogram().Quantile(0.99), p99 * (1 + 1.0 / 1024));
  }
}

}  // namespace
}  // namespace normbench
