// SPDX-License-Identifier: Apache-2.0
#include "bench/report/open_summary.h"

#include "bench/report/case_key.h"
#include "bench/report/summarize.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

Case OpenCase(const std::string& more = "") {
  Case c;
  c.key = "model/m?data=d.npy&arrivals=poisson:500" + more;
  c.spec = *ParseCaseKey(c.key);
  c.expect = {"p99<20ms"};
  c.seconds = 2;
  return c;
}

// n requests of two images, 2 ms apart, each served in 1 ms or 1.1 ms and sent 20 us late.
OpenLoopResult Loop(int n) {
  OpenLoopResult loop;
  for (int i = 0; i < n; ++i) {
    loop.recorder.Add({.start_seconds = 2e-3 * i,
                       .latency_seconds = i * 7 % 3 == 0 ? 1e-3 : 1.1e-3,
                       .samples = 2,
                       .lag_seconds = 20e-6});
  }
  loop.offered = n;
  loop.offered_seconds = loop.measured_seconds = 2e-3 * n;
  loop.warmup_requests = 7;
  loop.sender_load = 0.1;
  loop.receiver_load = 0.2;
  return loop;
}

v1::CaseResult Summarize(const OpenLoopResult& loop, const std::string& more = "") {
  LoopMeasurement measured;
  measured.open = &loop;
  return SummarizeLoop(OpenCase(more), measured);
}

TEST(OpenSummary, HasBothLatenciesAndTheRates) {
  const v1::CaseResult result = Summarize(Loop(1000));
  EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(result.latency_all().loop(), "open");
  EXPECT_NEAR(result.latency_all().p99().value(), 1.12e-3, 1e-9);
  EXPECT_NEAR(result.open_loop().latency_sent().p99().value(), 1.1e-3, 1e-9);
  EXPECT_NEAR(result.open_loop().send_lag().p99().value(), 20e-6, 1e-9);
  EXPECT_GT(result.open_loop().send_lag().histogram_size(), 0);
  EXPECT_NEAR(result.open_loop().offered_per_s(), 500, 1e-6);
  EXPECT_NEAR(result.requests_per_s(), 500, 1e-6);
  EXPECT_NEAR(result.samples_per_s(), 1000, 1e-6);
  EXPECT_EQ(result.warmup_discarded(), 7);
  EXPECT_EQ(result.open_loop().sender_load(), 0.1);
  EXPECT_EQ(result.open_loop().receiver_load(), 0.2);
  EXPECT_FALSE(result.has_steady());
  EXPECT_FALSE(result.has_goodput_per_s());
  EXPECT_THAT(result.warnings(), IsEmpty());
}

// The stall is in the first half: a warm-up test would cut it off.
TEST(OpenSummary, AStallIsSeenFromTheScheduleAndNotFromTheSend) {
  OpenLoopResult loop = Loop(100);
  for (int i = 0; i < 500; ++i) {
    loop.recorder.Add({.start_seconds = 1.2, .latency_seconds = 1e-3, .lag_seconds = 1 - 2e-3 * i});
  }
  for (int i = 0; i < 1000; ++i) {
    loop.recorder.Add({.start_seconds = 1.2 + 2e-3 * i, .latency_seconds = 1e-3});
  }
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.latency_all().n(), 1600);
  EXPECT_EQ(result.latency_ok().max(), 1.001);
  EXPECT_GT(result.latency_ok().mean(), 0.1);
  EXPECT_LT(result.open_loop().latency_sent().p99().value(), 2e-3);
}

TEST(OpenSummary, FailuresAndDropsAreInfinitelyLate) {
  OpenLoopResult loop = Loop(960);
  for (int i = 0; i < 20; ++i) {
    loop.recorder.Add({.start_seconds = 2, .latency_seconds = 1e-4, .code = 14, .samples = 2});
    loop.drop_times.push_back(0.01 * i);
  }
  loop.errors = loop.dropped = 20;
  loop.offered = 1000;
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.latency_all().n(), 1000);
  EXPECT_TRUE(result.latency_all().p99().is_infinite());
  EXPECT_EQ(result.latency_ok().n(), 960);
  EXPECT_EQ(result.open_loop().latency_sent().n(), 980) << "what was not sent has no such latency";
  EXPECT_EQ(result.requests(), 960);
  EXPECT_EQ(result.open_loop().dropped(), 20);
  EXPECT_THAT(result.warnings(), Contains("NB130"));
  EXPECT_THAT(result.warnings(), Contains("NB142"));
  EXPECT_FALSE(result.expectations(0).holds());
}

TEST(OpenSummary, GoodputCountsFromTheScheduledSend) {
  OpenLoopResult loop = Loop(1000);
  EXPECT_NEAR(Summarize(loop, "&deadline=0.00111").goodput_per_s(), 167, 1)
      << "the 1.1 ms ones were 20 us late";
  EXPECT_NEAR(Summarize(loop, "&deadline=0.00113").goodput_per_s(), 500, 1);
}

TEST(OpenSummary, ARaggedRequestCountsForTheRatesOnly) {
  OpenLoopResult loop = Loop(500);
  loop.recorder.Add({.latency_seconds = 5, .samples = 1, .ragged = true});
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.latency_all().n(), 500);
  EXPECT_EQ(result.requests(), 501);
}

TEST(OpenSummary, ALateClientIsTheLimit) {
  OpenLoopResult loop = Loop(500);
  EXPECT_FALSE(Summarize(loop).open_loop().client_limited());
  // Two percent are 0.2 ms late, a tenth of p50 is 0.11 ms.
  for (int i = 0; i < 10; ++i) loop.recorder.Add({.latency_seconds = 1e-3, .lag_seconds = 2e-4});
  const v1::CaseResult late = Summarize(loop);
  EXPECT_TRUE(late.open_loop().client_limited());
  EXPECT_THAT(late.warnings(), Contains("NB140"));
  EXPECT_THAT(late.warnings(), Not(Contains("NB141")));
}

TEST(OpenSummary, ABusyThreadIsTheLimit) {
  OpenLoopResult loop = Loop(50);
  loop.receiver_load = 0.81;
  EXPECT_TRUE(Summarize(loop).open_loop().client_limited());
  loop.receiver_load = 0.2;
  loop.sender_load = 0.81;
  EXPECT_TRUE(Summarize(loop).open_loop().client_limited());
}

TEST(OpenSummary, TheSlowestOfAFewIsNoP99) {
  OpenLoopResult loop = Loop(50);
  loop.recorder.Add({.latency_seconds = 1e-3, .lag_seconds = 1});
  EXPECT_FALSE(Summarize(loop).open_loop().client_limited());
}

TEST(OpenSummary, SaysThatAllSlotsWereTaken) {
  OpenLoopResult loop = Loop(500);
  loop.waited = 3;
  EXPECT_THAT(Summarize(loop).warnings(), Contains("NB141"));
  EXPECT_EQ(Summarize(loop).open_loop().waited(), 3);
}

TEST(OpenSummary, AScheduleWithoutARequestIsNoResult) {
  OpenLoopResult loop;
  v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.status(), "failed");
  EXPECT_EQ(result.error_code(), "FAILED_PRECONDITION");
  EXPECT_THAT(result.error(), ::testing::HasSubstr("no request in the measured window of 2.00 s"));
  loop.interrupted = true;
  EXPECT_EQ(Summarize(loop).status(), "interrupted");
}

TEST(OpenSummary, SaysWhatEndedTheLoop) {
  OpenLoopResult loop = Loop(500);
  EXPECT_EQ(Summarize(loop).ended_by(), "schedule");
  loop.ended_by = StopReason::kMaxRequests;
  EXPECT_EQ(Summarize(loop).ended_by(), "max_requests");
}

TEST(OpenSummary, WithoutAnAnswerThereIsNothingToSay) {
  OpenLoopResult loop;
  loop.lost = absl::UnavailableError("the target is lost");
  const v1::CaseResult result = Summarize(loop);
  EXPECT_EQ(result.status(), "failed");
  EXPECT_FALSE(result.has_requests_per_s());
  EXPECT_FALSE(result.latency_all().p50().has_value());
}

TEST(OpenSummary, MoreThanIsKeptComesFromTheHistograms) {
  constexpr int kAll = static_cast<int>(Recorder::kMaxSamples) + 1000;
  OpenLoopResult loop = Loop(kAll);
  loop.dropped = 10;
  loop.drop_times.assign(10, 0.5);
  const v1::CaseResult result = Summarize(loop, "&deadline=0.01");
  EXPECT_EQ(result.latency_all().source(), "histogram");
  EXPECT_EQ(result.latency_all().n(), kAll + 10);
  EXPECT_NEAR(result.latency_all().p99().value(), 1.12e-3, 2e-6);
  EXPECT_NEAR(result.open_loop().latency_sent().p99().value(), 1.1e-3, 2e-6);
  EXPECT_NEAR(result.open_loop().send_lag().p50().value(), 20e-6, 1e-7);
  EXPECT_NEAR(result.goodput_per_s(), 500, 1e-6);
  EXPECT_NEAR(result.samples_per_s(), 1000, 1e-6);
  EXPECT_THAT(result.warnings(), Contains("NB106"));
}

}  // namespace
}  // namespace normbench
