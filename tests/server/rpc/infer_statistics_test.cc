// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace normbench {
namespace {

inference::ModelStatistics Described(const InferStatistics& statistics) {
  inference::ModelStatistics described;
  statistics.Describe(described);
  return described;
}

TEST(InferStatisticsTest, BeforeTheFirstRequestEverythingIsThereAndZero) {
  const auto statistics = Described(InferStatistics());
  EXPECT_EQ(statistics.last_inference(), 0u);
  EXPECT_EQ(statistics.inference_count(), 0u);
  EXPECT_EQ(statistics.execution_count(), 0u);
  EXPECT_TRUE(statistics.inference_stats().has_queue());
  EXPECT_TRUE(statistics.inference_stats().has_cache_hit());
  EXPECT_EQ(statistics.batch_stats_size(), 0);
}

TEST(InferStatisticsTest, AddsUpStagesAndBatches) {
  InferStatistics statistics;
  const auto request = [](int64_t batch, double input, double infer, double output) {
    return InferTimes{.batch = batch,
                      .formed = batch,
                      .leads = true,
                      .queue = 1e-6,
                      .input = input,
                      .infer = infer,
                      .output = output};
  };
  const auto add = [&](const InferTimes& times, double seconds) {
    statistics.Executed(times);
    statistics.Succeeded(times, seconds);
  };
  add(request(8, 2e-6, 3e-6, 4e-6), 20e-6);
  add(request(1, 1e-6, 1e-6, 1e-6), 5e-6);
  add(request(8, 1e-6, 1e-6, 1e-6), 5e-6);
  statistics.Failed(7e-6);
  const auto described = Described(statistics);
  EXPECT_EQ(described.inference_count(), 17u) << "samples";
  EXPECT_EQ(described.execution_count(), 3u);
  const auto& stages = described.inference_stats();
  EXPECT_EQ(stages.success().count(), 3u);
  EXPECT_EQ(stages.success().ns(), 30000u);
  EXPECT_EQ(stages.fail().count(), 1u);
  EXPECT_EQ(stages.fail().ns(), 7000u);
  EXPECT_EQ(stages.queue().count(), 3u);
  EXPECT_EQ(stages.queue().ns(), 3000u);
  EXPECT_EQ(stages.compute_input().ns(), 4000u);
  EXPECT_EQ(stages.compute_infer().ns(), 5000u);
  EXPECT_EQ(stages.compute_output().ns(), 6000u);
  ASSERT_EQ(described.batch_stats_size(), 2);
  EXPECT_EQ(described.batch_stats(0).batch_size(), 1u);
  EXPECT_EQ(described.batch_stats(1).batch_size(), 8u);
  EXPECT_EQ(described.batch_stats(1).compute_infer().count(), 2u);
  EXPECT_EQ(described.batch_stats(1).compute_infer().ns(), 4000u);
}

TEST(InferStatisticsTest, ABatchOfSeveralRequestsIsOneExecution) {
  InferStatistics statistics;
  InferTimes times{.batch = 3, .formed = 8, .leads = true, .infer = 2e-6};
  statistics.Executed(times);
  statistics.Succeeded(times, 5e-6);
  times.batch = 5;
  times.leads = false;
  statistics.Succeeded(times, 5e-6);
  const auto described = Described(statistics);
  EXPECT_EQ(described.inference_count(), 8u);
  EXPECT_EQ(described.execution_count(), 1u);
  EXPECT_EQ(described.inference_stats().compute_infer().count(), 2u) << "of each request";
  ASSERT_EQ(described.batch_stats_size(), 1);
  EXPECT_EQ(described.batch_stats(0).batch_size(), 8u);
  EXPECT_EQ(described.batch_stats(0).compute_infer().count(), 1u) << "of each execution";
  EXPECT_EQ(described.batch_stats(0).compute_output().count(), 1u);
}

TEST(InferStatisticsTest, AnExecutionCountsWhoeverWasAnswered) {
  InferStatistics statistics;
  InferTimes times{.batch = 1, .formed = 2, .leads = true};
  statistics.Executed(times);
  statistics.Failed(5e-6);  // the first of the batch
  times.leads = false;
  statistics.Succeeded(times, 5e-6);
  const auto described = Described(statistics);
  EXPECT_EQ(described.execution_count(), 1u);
  ASSERT_EQ(described.batch_stats_size(), 1);
  EXPECT_EQ(described.batch_stats(0).compute_infer().count(), 1u);
}

TEST(InferStatisticsTest, KnowsWhenTheLastOneWas) {
  const auto now = [] {
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
  };
  InferStatistics statistics;
  const uint64_t before = now();
  statistics.Succeeded({}, 1);
  EXPECT_GE(Described(statistics).last_inference(), before);
  EXPECT_LE(Described(statistics).last_inference(), now());
}

// A load generator stops where the counts of the stages differ.
TEST(InferStatisticsTest, CountsAgreeWheneverTheyAreRead) {
  InferStatistics statistics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) statistics.Succeeded({.batch = 2}, 1e-6);
    });
  }
  uint64_t seen = 0;
  while (seen < 20000) {
    const auto described = Described(statistics);
    const auto& stages = described.inference_stats();
    seen = stages.success().count();
    ASSERT_EQ(described.inference_count(), 2 * seen);
    for (const auto* stage : {&stages.queue(), &stages.compute_input(), &stages.compute_infer(),
                              &stages.compute_output()}) {
      ASSERT_EQ(stage->count(), seen);
    }
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace normbench
