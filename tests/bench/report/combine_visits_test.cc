// SPDX-License-Identifier: Apache-2.0
#include "bench/report/combine_visits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/status/status.h"
#include "bench/report/case_key.h"
#include "bench/report/latency.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::Not;

Case CaseOf(const char* key, int visits) {
  Case c{.key = key, .spec = *ParseCaseKey(key), .expect = {"p50<2s"}};
  c.visits = visits;
  return c;
}

Case Kernel(int visits) {
  return CaseOf("norm/group?impl=torch&shape=8x32x4x4&g=32&dtype=f32&layout=nchw&dev=cpu", visits);
}

// One visit to a kernel: all calls take `seconds`.
Visit KernelVisit(const Case& c, double seconds, std::vector<uint64_t> checksums = {7}) {
  v1::MeasureResult measured;
  *measured.mutable_norm_case() = std::get<v1::NormCase>(c.spec);
  for (int i = 0; i < 20; ++i) measured.add_sample_seconds(seconds);
  measured.add_copy_seconds(seconds / 4);
  measured.set_iterations_per_sample(1);
  measured.set_time_source("steady_clock");
  measured.set_algorithmic_bytes(1000);
  measured.mutable_accuracy()->set_err_scaled(seconds);
  measured.mutable_accuracy()->set_bound(100);
  measured.set_distinct_outputs(static_cast<int>(checksums.size()));
  measured.mutable_output_checksums()->Add(checksums.begin(), checksums.end());
  Visit visit;
  visit.result = SummarizeKernel(VisitTo(c, 0), measured, &visit.kept);
  return visit;
}

TEST(CombineVisits, OfOneIsThatVisit) {
  const Case c = Kernel(1);
  const std::vector<Visit> visits = {KernelVisit(c, 1)};
  v1::CaseResult expected = visits[0].result;
  expected.set_visits(1);
  EXPECT_EQ(CombineVisits(c, visits).SerializeAsString(), expected.SerializeAsString());
}

TEST(CombineVisits, PoolsKernelVisits) {
  const Case c = Kernel(3);
  const std::vector<Visit> visits = {KernelVisit(c, 1), KernelVisit(c, 1.1), KernelVisit(c, 1.2)};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(result.visits(), 3);
  EXPECT_EQ(result.key(), c.key);
  EXPECT_EQ(result.requests(), 60);
  EXPECT_NEAR(result.measured_seconds(), 20 * 3.3, 1e-9);
  EXPECT_NEAR(result.samples_per_s(), 8 / 1.1, 1e-6);
  EXPECT_NEAR(result.latency_ok().p50().value(), 1.1, 1e-6);
  EXPECT_LT(result.latency_ok().p50().low(), 1);
  EXPECT_EQ(result.latency_ok().p50().ci_scope(), "visits");
  EXPECT_NEAR(result.kernel_numbers().copy_ratio(), 0.25, 1e-9);
  EXPECT_NEAR(result.kernel_numbers().effective_bandwidth(), 1000 / 1.1, 1e-3);
  EXPECT_DOUBLE_EQ(result.norm_accuracy().err_scaled(), 1.2);  // the worst
  ASSERT_EQ(result.expectations_size(), 1);
  EXPECT_TRUE(result.expectations(0).holds());
  // 20 samples have no p90; 60 have.
  EXPECT_THAT(visits[0].result.warnings(), Contains(warning::kFewSamples));
  EXPECT_THAT(result.warnings(), Not(Contains(warning::kFewSamples)));
}

TEST(CombineVisits, TellsOutputsOfDifferentVisitsApart) {
  const Case c = Kernel(2);
  const std::vector<Visit> same = {KernelVisit(c, 1), KernelVisit(c, 1)};
  EXPECT_EQ(CombineVisits(c, same).distinct_outputs(), 1);
  const std::vector<Visit> others = {KernelVisit(c, 1, {7}), KernelVisit(c, 1, {8})};
  const v1::CaseResult result = CombineVisits(c, others);
  EXPECT_EQ(result.distinct_outputs(), 2);
  EXPECT_THAT(result.warnings(), Contains(warning::kOutputsDiffer));
}

TEST(CombineVisits, MoreOutputsThanAreToldApartStayMany) {
  const Case c = Kernel(2);
  std::vector<Visit> visits = {KernelVisit(c, 1), KernelVisit(c, 1)};
  visits[0].result.set_distinct_outputs(500);
  EXPECT_EQ(CombineVisits(c, visits).distinct_outputs(), 500);
}

TEST(CombineVisits, OfOneThatWasLeftKeepsItsOwnIntervals) {
  const Case c = Kernel(3);
  const std::vector<Visit> visits = {KernelVisit(c, 1)};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.status(), "interrupted");
  EXPECT_EQ(result.latency_ok().p50().ci_scope(), "process");
  EXPECT_TRUE(result.latency_ok().p50().has_low());
  EXPECT_EQ(result.expectations_size(), 1);
}

TEST(CombineVisits, WithFewerVisitsThanPlannedIsInterrupted) {
  const Case c = Kernel(3);
  const std::vector<Visit> visits = {KernelVisit(c, 1), KernelVisit(c, 1)};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.status(), "interrupted");
  EXPECT_EQ(result.visits(), 2);
  EXPECT_TRUE(result.latency_ok().p50().has_low());
  EXPECT_THAT(result.warnings(), Contains(warning::kPartial));
}

TEST(CombineVisits, KeepsNumbersAndErrorWhereOneFailed) {
  const Case c = Kernel(3);
  const Visit failed{FailedCase(c, absl::UnavailableError("gone")), {}};
  const std::vector<Visit> visits = {KernelVisit(c, 1), failed, KernelVisit(c, 1)};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.status(), "failed");
  EXPECT_EQ(result.error(), "gone");
  EXPECT_EQ(result.error_code(), "UNAVAILABLE");
  EXPECT_EQ(result.requests(), 40);
  EXPECT_EQ(result.visits(), 2) << "that the numbers are of";
  const std::vector<Visit> all = {failed, failed, failed};
  EXPECT_EQ(CombineVisits(c, all).status(), "failed");
}

// A closed loop of ten requests, `failed` of which failed, each of `seconds`.
Visit LoopVisit(const Case& c, double seconds, int failed) {
  LoopResult loop;
  for (int i = 0; i < 10; ++i) {
    loop.recorder.Add({.start_seconds = i * seconds,
                       .latency_seconds = seconds,
                       .code = i < failed ? 14 : 0,
                       .samples = 8});
  }
  loop.errors = failed;
  loop.measured_seconds = 10 * seconds;
  OutputLedger outputs(1, 100);
  outputs.Add(0, {});
  Visit visit;
  visit.result = SummarizeLoop(c, {.loop = &loop, .outputs = &outputs}, &visit.kept);
  return visit;
}

TEST(CombineVisits, AddsUpAnswersByFormedBatch) {
  const Case c = CaseOf("model/m?data=fmnist-wide&request_batch=1&in_flight=8", 2);
  std::vector<Visit> visits = {LoopVisit(c, 1, 0), LoopVisit(c, 1, 0)};
  EXPECT_FALSE(CombineVisits(c, visits).has_batching());
  for (Visit& visit : visits) {
    v1::FormedBatch& formed = *visit.result.mutable_batching()->add_formed();
    formed.set_formed_batch(4);
    formed.set_answers(10);
  }
  const v1::CaseResult result = CombineVisits(c, visits);
  ASSERT_EQ(result.batching().formed_size(), 1);
  EXPECT_EQ(result.batching().formed(0).answers(), 20);
}

TEST(CombineVisits, AddsUpLoops) {
  const Case c = CaseOf("service/group?impl=torch&shape=8x32x4x4&g=32&dev=cpu&in_flight=1", 2);
  const std::vector<Visit> visits = {LoopVisit(c, 1, 0), LoopVisit(c, 3, 2)};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.requests(), 18);
  EXPECT_EQ(result.errors(), 2);
  EXPECT_EQ(result.error_codes().at("UNAVAILABLE"), 2);
  EXPECT_EQ(result.latency_ok().n(), 18);
  EXPECT_EQ(result.latency_all().n(), 20);
  EXPECT_NEAR(result.requests_per_s(), 18 / result.measured_seconds(), 1e-9);
  EXPECT_NEAR(result.samples_per_s(), 8 * result.requests_per_s(), 1e-9);
  double counted = 0;
  for (const v1::HistogramBucket& bucket : result.latency_ok().histogram()) {
    counted += bucket.count();
  }
  EXPECT_EQ(counted, 18);
  EXPECT_THAT(result.warnings(), Contains(warning::kErrors));
}

TEST(CombineVisits, AddsUpOpenLoops) {
  const Case c = CaseOf(
      "service/group?impl=torch&shape=8x32x4x4&g=32&dev=cpu&in_flight=4&arrivals=constant:10", 2);
  std::vector<Visit> visits;
  for (const double lag : {0.001, 0.002}) {
    OpenLoopResult loop;
    for (int i = 0; i < 10; ++i) {
      loop.recorder.Add({.start_seconds = i * 0.1, .latency_seconds = 0.01, .lag_seconds = lag});
    }
    loop.offered = 12;
    loop.dropped = 2;
    loop.drop_times = {0.5, 0.6};
    loop.offered_seconds = 1.2;
    loop.measured_seconds = 1;
    loop.sender_load = lag;
    Visit visit;
    visit.result = SummarizeLoop(c, {.open = &loop}, &visit.kept);
    visits.push_back(std::move(visit));
  }
  const v1::CaseResult result = CombineVisits(c, visits);
  const v1::OpenLoop& open = result.open_loop();
  EXPECT_EQ(open.offered(), 24);
  EXPECT_EQ(open.dropped(), 4);
  EXPECT_NEAR(open.offered_per_s(), 10, 1e-9);
  EXPECT_NEAR(open.sender_load(), 0.002, 1e-12);
  EXPECT_EQ(open.send_lag().n(), 20);
  EXPECT_NEAR(open.send_lag().p50().value(), 0.001, 1e-6);
  EXPECT_NEAR(open.latency_sent().p50().value(), 0.01, 1e-6);
  EXPECT_EQ(result.latency_all().n(), 24);  // drops are infinitely late
  EXPECT_THAT(result.warnings(), Contains(warning::kDropped));
}

TEST(CombineVisits, AVisitWithoutARequestIsNoFailure) {
  const Case c =
      CaseOf("service/rms?impl=torch&shape=1x4&dev=cpu&in_flight=4&arrivals=poisson:2", 3);
  OpenLoopResult none;
  none.offered_seconds = 0.5;
  OpenLoopResult one = none;
  one.offered = 1;
  one.measured_seconds = 0.5;
  one.recorder.Add({.start_seconds = 0, .latency_seconds = 0.01});
  const auto combine = [&](const OpenLoopResult& second) {
    std::vector<Visit> visits(2);
    visits[0].result = SummarizeLoop(c, {.open = &none}, &visits[0].kept);
    visits[1].result = SummarizeLoop(c, {.open = &second}, &visits[1].kept);
    visits.push_back(visits[1]);
    return CombineVisits(c, visits);
  };
  EXPECT_EQ(combine(one).status(), "ok");
  EXPECT_NEAR(combine(one).requests_per_s(), 2 / 1.5, 1e-9);
  EXPECT_EQ(combine(none).status(), "failed");
  EXPECT_EQ(combine(none).error_code(), "FAILED_PRECONDITION");
}

TEST(CombineVisits, TheFailedVisitSaysWhy) {
  const Case c = Kernel(4);
  Visit interrupted = KernelVisit(c, 1);
  interrupted.result.set_status("interrupted");
  Visit refused = KernelVisit(c, 1);
  refused.result.set_error("one request was refused");
  const std::vector<Visit> visits = {
      KernelVisit(c, 1), {FailedCase(c, absl::UnavailableError("gone")), {}}, refused, interrupted};
  const v1::CaseResult result = CombineVisits(c, visits);
  EXPECT_EQ(result.status(), "failed");
  EXPECT_EQ(result.error(), "gone");
  EXPECT_EQ(result.error_code(), "UNAVAILABLE");
}

TEST(CombineVisits, TakesTheWorstPassOfAModel) {
  const Case c = CaseOf("model/m?data=fmnist-wide&request_batch=8&in_flight=2", 2);
  std::vector<Visit> visits = {LoopVisit(c, 1, 0), LoopVisit(c, 1, 0)};
  for (const int flips : {0, 3}) {
    v1::ModelAccuracy* accuracy = visits[flips == 0 ? 0 : 1].result.mutable_model_accuracy();
    accuracy->set_images(80);
    accuracy->set_flips(flips);
    accuracy->set_top1(0.8);
  }
  EXPECT_EQ(CombineVisits(c, visits).model_accuracy().flips(), 3);
}

}  // namespace
}  // namespace normbench
