// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "bench/report/case_key.h"
#include "bench/report/summarize.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Case ModelCaseOf8() {
  Case c;
  c.key = "model/m?data=fmnist-wide&request_batch=8&in_flight=1";
  c.spec = *ParseCaseKey(c.key);
  c.expect = {"errors==0", "p50<5ms"};
  return c;
}

// n requests of 8 images, one after the other, of 1 or 1.1 ms; every `fails`th fails.
LoopResult Loop(int n, int fails = 0) {
  LoopResult loop;
  double now = 0;
  for (int i = 0; i < n; ++i) {
    const double latency = i * 7 % 3 == 0 ? 1e-3 : 1.1e-3;
    const bool failed = fails > 0 && i % fails == fails - 1;
    loop.recorder.Add({now, latency, failed ? 14 : 0, 8});
    if (failed) ++loop.errors;
    now += latency;
  }
  loop.measured_seconds = now;
  loop.first_call_seconds = 0.25;
  loop.warmup_requests = 40;
  return loop;
}

v1::CaseResult Summarize(const LoopResult& loop) {
  LoopMeasurement measured;
  measured.loop = &loop;
  return SummarizeLoop(ModelCaseOf8(), measured);
}

TEST(SummarizeLoop, CountsThroughputInsideTheSteadyWindow) {
  const v1::CaseResult result = Summarize(Loop(2000));
  EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(result.kind(), "model");
  EXPECT_TRUE(result.steady());
  EXPECT_NEAR(result.requests_per_s(), 937.5, 5);  // 3 requests in 3.2 ms
  EXPECT_NEAR(result.samples_per_s(), 8 * 937.5, 40);
  EXPECT_DOUBLE_EQ(result.latency_all().p50().value(), 1.1e-3);
  EXPECT_EQ(result.latency_ok().n(), result.requests());
  EXPECT_EQ(result.first_call_seconds(), 0.25);
  EXPECT_EQ(result.warmup_discarded(), 40 + 2000 - result.requests());
  EXPECT_GT(result.latency_ok().histogram_size(), 0);
  EXPECT_THAT(result.warnings(), IsEmpty());
  EXPECT_TRUE(result.expectations(0).holds());
}

TEST(SummarizeLoop, DiscardsASlowStart) {
  LoopResult loop;
  double now = 0;
  for (int i = 0; i < 2100; ++i) {
    const double latency = i < 100 ? 10e-3 : 1e-3;
    loop.recorder.Add({now, latency, 0, 1});
    now += latency;
  }
  const v1::CaseResult result = Summarize(loop);
  EXPECT_NEAR(result.requests_per_s(), 1000, 30);
  EXPECT_GE(result.warmup_discarded(), 99);
  EXPECT_DOUBLE_EQ(result.latency_all().p99().value(), 1e-3);
}

// Every tenth request has 3 images instead of 8 and takes a third of the time; one of those fails.
TEST(SummarizeLoop, RaggedRequestsCountForThroughputOnly) {
  LoopResult loop;
  double now = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool ragged = i % 10 == 9;
    const double latency = ragged ? 0.3e-3 : 1e-3;
    const bool failed = i == 1009;
    loop.recorder.Add({now, latency, failed ? 14 : 0, ragged ? 3 : 8, ragged});
    loop.errors += failed;
    now += latency;
  }
  loop.measured_seconds = now;
  const v1::CaseResult result = Summarize(loop);
  EXPECT_NEAR(result.samples_per_s(), (9 * 8 + 3) / 9.3e-3, 60);
  EXPECT_NEAR(result.requests_per_s(), 10 / 9.3e-3, 8);
  EXPECT_EQ(result.latency_all().min(), 1e-3);
  EXPECT_NEAR(result.latency_ok().n(), result.requests() * 0.9, 1);
  EXPECT_EQ(result.latency_all().n(), result.latency_ok().n()) << "the failure was a ragged one";
  EXPECT_EQ(result.errors(), 1);
  EXPECT_EQ(result.error_codes().at("UNAVAILABLE"), 1) << "errors and their codes agree";
}

TEST(SummarizeLoop, FailuresCountAgainstLatency) {
  const v1::CaseResult result = Summarize(Loop(2000, 50));
  EXPECT_EQ(result.errors(), 40);
  EXPECT_EQ(result.error_codes().at("UNAVAILABLE"), 40);
  EXPECT_GT(result.latency_all().n(), result.latency_ok().n());
  EXPECT_TRUE(result.latency_all().p99().is_infinite());  // 2 % failed
  EXPECT_TRUE(result.latency_ok().p99().has_value());
  EXPECT_TRUE(result.latency_all().p90().has_value());
  EXPECT_THAT(result.warnings(), Contains("NB130"));
  EXPECT_FALSE(result.expectations(0).holds());
  EXPECT_TRUE(result.expectations(1).holds());
}

TEST(SummarizeLoop, WarnsOfShortRuns) {
  const v1::CaseResult result = Summarize(Loop(60));
  EXPECT_THAT(result.warnings(), ElementsAre("NB102"));
  EXPECT_FALSE(result.has_steady()) << "not tested";
  EXPECT_FALSE(result.latency_all().p99().has_value());
  EXPECT_TRUE(result.latency_all().p50().has_value());
  EXPECT_EQ(result.requests(), 60);
}

TEST(SummarizeLoop, LostTargetsFailWithWhatWasMeasured) {
  LoopResult loop = Loop(2000);
  loop.lost = absl::UnavailableError("no completion for 30 s");
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.status(), "failed");
  EXPECT_EQ(result.error(), "no completion for 30 s");
  EXPECT_EQ(result.error_code(), "UNAVAILABLE");
  EXPECT_TRUE(result.latency_ok().p50().has_value());
  EXPECT_THAT(result.warnings(), Contains("NB131"));
}

// A fast server dies; until the loop is sure of it, failures come more slowly than answers did.
TEST(SummarizeLoop, TheFailuresOfALostTargetAreNotItsSteadyState) {
  LoopResult loop = Loop(1000);
  double now = loop.measured_seconds;
  for (int i = 0; i < 100; ++i, now += 0.02) loop.recorder.Add({now, 1e-3, 14, 8});
  loop.errors = 100;
  loop.lost = absl::UnavailableError("the target is lost");
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.requests(), 1000);
  EXPECT_EQ(result.latency_all().n(), 1100);
  EXPECT_FALSE(result.has_steady());
}

TEST(SummarizeLoop, InterruptedRunsSaySo) {
  LoopResult loop = Loop(2000);
  loop.interrupted = true;
  loop.ended_by = StopReason::kInterrupted;
  EXPECT_EQ(Summarize(loop).status(), "interrupted");
  EXPECT_EQ(Summarize(loop).ended_by(), "interrupted");
  LoopResult nothing;
  nothing.interrupted = true;
  const v1::CaseResult result = Summarize(nothing);
  EXPECT_EQ(result.latency_all().n(), 0);
  EXPECT_FALSE(result.has_requests_per_s());
  EXPECT_FALSE(result.has_first_call_seconds());
}

TEST(SummarizeLoop, UsesTheHistogramBeyondTheSamplesKept) {
  LoopResult loop;
  const int64_t n = static_cast<int64_t>(Recorder::kMaxSamples) + 1000;
  for (int64_t i = 0; i < n; ++i) {
    const double latency = i * 7 % 10 == 0 ? 2e-3 : 1e-3;
    loop.recorder.Add({static_cast<double>(i) * 1e-4, latency, i % 1000 == 0 ? 8 : 0, 2});
  }
  loop.measured_seconds = 100;
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.latency_all().source(), "histogram");
  EXPECT_EQ(result.latency_all().n(), static_cast<double>(n));
  EXPECT_NEAR(result.latency_ok().p50().value(), 1e-3, 2e-6);
  EXPECT_NEAR(result.requests_per_s(), static_cast<double>(n) * 0.999 / 100, 1);
  EXPECT_NEAR(result.samples_per_s(), 2 * result.requests_per_s(), 1e-6);
  EXPECT_THAT(result.warnings(), Contains("NB106"));
}

TEST(SummarizeLoop, TakesAccuracyAndDistinctAnswers) {
  const LoopResult loop = Loop(2000);
  OutputLedger outputs(2, 1 << 20);
  const std::array<float, 2> a = {1, 2}, b = {1, 3};
  outputs.Add(0, std::as_bytes(std::span(a)));
  outputs.Add(0, std::as_bytes(std::span(b)));
  v1::ModelAccuracy accuracy;
  accuracy.set_flips_beyond_tolerance(1);
  LoopMeasurement measured;
  measured.loop = &loop;
  measured.outputs = &outputs;
  measured.model_accuracy = &accuracy;
  v1::BatchingAccuracy batching;
  batching.add_formed()->set_answers(2);
  measured.batching = &batching;
  const v1::CaseResult result = SummarizeLoop(ModelCaseOf8(), measured);
  EXPECT_EQ(result.distinct_outputs(), 2);
  EXPECT_EQ(result.batching().formed(0).answers(), 2);
  EXPECT_EQ(result.model_accuracy().flips_beyond_tolerance(), 1);
  EXPECT_THAT(result.warnings(), ElementsAre("NB123", "NB122"));
}

TEST(FailedCase, MissesEveryExpectation) {
  const v1::CaseResult result = FailedCase(ModelCaseOf8(), absl::NotFoundError("no model m"));
  EXPECT_EQ(result.status(), "failed");
  EXPECT_EQ(result.error_code(), "NOT_FOUND");
  EXPECT_EQ(result.expectations_size(), 2);
  EXPECT_FALSE(result.expectations(0).holds());
  EXPECT_EQ(result.expectations(0).observed(), "not measured: no model m");
  EXPECT_EQ(result.model().request_batch(), 8);
}

TEST(SkippedCase, HoldsNothing) {
  const v1::CaseResult result = SkippedCase(ModelCaseOf8());
  EXPECT_EQ(result.status(), "skipped");
  ASSERT_EQ(result.expectations_size(), 2);
  EXPECT_FALSE(result.expectations(0).holds());
  EXPECT_EQ(result.expectations(0).observed(), "skipped");
}

}  // namespace
}  // namespace normbench
