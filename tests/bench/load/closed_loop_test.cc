// SPDX-License-Identifier: Apache-2.0
#include "bench/load/closed_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tests/bench/load/fake_target.h"

namespace normbench {
namespace {

// The requests of the window: the last ones, since everything before was answered first.
std::vector<Sent> WindowOf(const FakeTarget& target, const LoopResult& result) {
  const size_t before = 1 + static_cast<size_t>(result.warmup_requests);
  return {target.sent.begin() + static_cast<std::ptrdiff_t>(before), target.sent.end()};
}

TEST(ClosedLoop, FirstCallWarmUpWindow) {
  FakeTarget target(1);
  const LoopResult result = Loop(target, Brief());
  EXPECT_TRUE(result.lost.ok());
  EXPECT_FALSE(result.interrupted);
  EXPECT_GT(result.first_call_seconds, 0);
  EXPECT_GT(result.warmup_requests, 0);
  EXPECT_GT(result.recorder.count(), 0);
  EXPECT_EQ(1 + result.warmup_requests + result.recorder.count(),
            static_cast<int64_t>(target.sent.size()));
  const Sample last = result.recorder.samples().back();
  EXPECT_NEAR(result.measured_seconds, last.start_seconds + last.latency_seconds, 1e-9);
  EXPECT_EQ(result.errors, 0);
}

TEST(ClosedLoop, KeepsSoManyInFlight) {
  for (const auto& [in_flight, slots, most] :
       {std::tuple{1, 8, 1}, {5, 8, 5}, {8, 8, 8}, {50, 8, 8}}) {
    FakeTarget target(slots);
    ClosedLoopOptions options = Brief();
    options.in_flight = in_flight;
    Loop(target, options);
    EXPECT_EQ(target.most_busy, most);
  }
}

TEST(ClosedLoop, TheFirstCallIsAlone) {
  FakeTarget target(4);
  ClosedLoopOptions options = Brief();
  options.in_flight = 4;
  options.warmup_seconds = 0;
  options.seconds = 0;
  const LoopResult result = Loop(target, options);
  EXPECT_EQ(target.sent.size(), 2u);  // the first call, and one for a window of no time
  EXPECT_EQ(result.warmup_requests, 0);
  EXPECT_EQ(result.recorder.count(), 1);
  EXPECT_EQ(target.most_busy, 1);
}

TEST(ClosedLoop, LatencyIsFromBeforeSendToTheAnswer) {
  FakeTarget target(4);
  target.last_in_first_out = true;
  target.service_time = std::chrono::microseconds(200);
  ClosedLoopOptions options = Brief();
  options.in_flight = 4;
  options.inputs = 1000000;
  const LoopResult result = Loop(target, options);
  const SampleList& samples = result.recorder.samples();
  const size_t before = target.spans.size() - samples.size();
  for (size_t i = 0; i < samples.size(); ++i) {
    // The target's own measurement lies within the loop's.
    const double span = std::chrono::duration<double>(target.spans[before + i]).count();
    EXPECT_GE(samples[i].latency_seconds, span);
    EXPECT_GE(samples[i].start_seconds, 0);
    EXPECT_EQ(samples[i].samples, 1);
  }
  EXPECT_LE(samples.front().latency_seconds, result.measured_seconds);
}

TEST(ClosedLoop, WhatThisEndDoesWithAnAnswerIsNoLatency) {
  FakeTarget target(1);
  target.reading_time = std::chrono::milliseconds(5);
  ClosedLoopOptions options = Brief();
  options.seconds = 0.05;
  const LoopResult result = Loop(target, options);
  double least = 1;
  for (const Sample& sample : result.recorder.samples()) {
    least = std::min(least, sample.latency_seconds);
  }
  EXPECT_LT(least, 0.005);
}

TEST(ClosedLoop, InputsInOrderFromTheWindowsBeginning) {
  FakeTarget target(3);
  ClosedLoopOptions options = Brief();
  options.in_flight = 3;
  options.inputs = 7;
  const LoopResult result = Loop(target, options);
  const std::vector<Sent> window = WindowOf(target, result);
  ASSERT_FALSE(window.empty());
  for (size_t i = 0; i < window.size(); ++i) {
    ASSERT_EQ(window[i].input, static_cast<int64_t>(i % 7));
  }
}

TEST(ClosedLoop, WholePassesSendEachInputEquallyOften) {
  for (const bool last_in_first_out : {false, true}) {
    for (int64_t inputs : {1, 7, 100, 100000}) {
      FakeTarget target(4);
      target.last_in_first_out = last_in_first_out;
      ClosedLoopOptions options = Brief();
      options.in_flight = 4;
      options.whole_passes = true;
      options.inputs = inputs;
      OutputLedger outputs(inputs, 1 << 20);
      const LoopResult result = Loop(target, options, &outputs);
      EXPECT_TRUE(result.lost.ok());
      const int64_t passes = result.recorder.count() / inputs;
      EXPECT_GE(passes, 1);
      EXPECT_EQ(result.recorder.count(), passes * inputs);
      for (int64_t i = 0; i < inputs; ++i) {
        ASSERT_EQ(outputs.of(i).size(), 1u);
        ASSERT_EQ(outputs.of(i)[0].count, passes);  // nothing of the warm-up
      }
    }
  }
}

TEST(ClosedLoop, EachAnswerGoesToItsInput) {
  FakeTarget target(4);
  target.last_in_first_out = true;
  ClosedLoopOptions options = Brief();
  options.in_flight = 4;
  options.inputs = 5;
  options.whole_passes = true;
  OutputLedger outputs(5, 1000);
  Loop(target, options, &outputs);
  for (int64_t i = 0; i < 5; ++i) {
    ASSERT_EQ(outputs.of(i).size(), 1u);
    const std::string expected = std::to_string(i);
    EXPECT_EQ(std::memcmp(outputs.of(i)[0].payload.data(), expected.data(), expected.size()), 0);
    ASSERT_EQ(outputs.of(i)[0].formed.size(), 1u);
    EXPECT_EQ(outputs.of(i)[0].formed[0].formed_batch, i + 1);
  }
}

TEST(ClosedLoop, RaggedRequestsAreMarked) {
  FakeTarget target(2);
  ClosedLoopOptions options = Brief();
  options.in_flight = 2;
  options.inputs = 4;
  options.whole_passes = true;
  std::map<int64_t, int> asked;
  options.samples_of = [&](int64_t input) {
    ++asked[input];
    return input == 3 ? 5 : 8;
  };
  OutputLedger outputs(4, 1000);
  const LoopResult result = Loop(target, options, &outputs);
  const int64_t passes = result.recorder.count() / 4;
  EXPECT_EQ(result.recorder.count(), 4 * passes);
  for (const Sample& sample : result.recorder.samples()) {
    ASSERT_EQ(sample.samples, sample.ragged ? 5 : 8);
  }
  EXPECT_EQ(result.recorder.histogram().count(), 3 * passes);
  EXPECT_EQ(outputs.of(3)[0].count, passes);
  EXPECT_EQ(asked, (std::map<int64_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}}));
}

TEST(ClosedLoop, StopEndsItWithWhatWasMeasured) {
  FakeTarget target(2);
  target.service_time = std::chrono::microseconds(50);
  ClosedLoopOptions options = Brief();
  options.in_flight = 2;
  options.warmup_seconds = 0;
  options.seconds = 1e12;
  int polls = 0;
  const LoopResult result = RunClosedLoop(
      target, options, nullptr, [&] { return ++polls == 3; }, nullptr);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.ended_by, StopReason::kInterrupted);
  EXPECT_TRUE(result.lost.ok());
  EXPECT_EQ(polls, 3);
  EXPECT_GT(result.recorder.count(), 0);
  EXPECT_EQ(result.recorder.count() + 1, static_cast<int64_t>(target.sent.size()));  // all answered
}

TEST(ClosedLoop, StopBeforeTheFirstRequest) {
  FakeTarget target(1);
  const LoopResult result = RunClosedLoop(
      target, Brief(), nullptr, [] { return true; }, nullptr);
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(target.sent.empty());
}

TEST(ClosedLoop, StopIsHeardWhileTheTargetIsSilent) {
  FakeTarget target(1);
  target.silent_after = 10;
  ClosedLoopOptions options = Brief();
  options.warmup_seconds = 0;
  options.seconds = 1e12;
  options.stall_seconds = 0.6;
  int polls = 0;
  const LoopResult result = RunClosedLoop(
      target, options, nullptr, [&] { return ++polls == 2; }, nullptr);
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(result.lost.ok());
  EXPECT_EQ(result.recorder.count(), 9);
}

TEST(ClosedLoop, ProgressGrowsFromWarmUpToTheEnd) {
  for (const bool whole_passes : {false, true}) {
    FakeTarget target(1);
    target.service_time = std::chrono::microseconds(50);
    ClosedLoopOptions options;
    options.warmup_seconds = 0.6;
    options.seconds = 0.6;
    options.inputs = 1000;
    options.whole_passes = whole_passes;
    std::vector<LoopProgress> seen;
    RunClosedLoop(target, options, nullptr, nullptr,
                  [&](const LoopProgress& progress) { seen.push_back(progress); });
    ASSERT_GE(seen.size(), 4u);
    EXPECT_TRUE(seen.front().warming_up);
    EXPECT_EQ(seen.front().fraction, 0);
    EXPECT_FALSE(seen.back().warming_up);
    EXPECT_GT(seen.back().completed, 0);
    for (size_t i = 1; i < seen.size(); ++i) {
      EXPECT_GE(seen[i].fraction, seen[i - 1].fraction);
      EXPECT_LE(seen[i].fraction, 1);
      EXPECT_TRUE(seen[i].warming_up || seen[i].fraction >= 0.5);
    }
  }
}

TEST(ClosedLoop, EndsAfterSoManyRequests) {
  FakeTarget target(3);
  const LoopResult result =
      Loop(target, {.in_flight = 3, .warmup_seconds = 0, .seconds = 60, .max_requests = 20});
  EXPECT_EQ(result.recorder.count(), 20);
  EXPECT_EQ(result.ended_by, StopReason::kMaxRequests);
  EXPECT_EQ(Loop(target, {.warmup_seconds = 0,
                          .seconds = 60,
                          .max_requests = 20,
                          .inputs = 8,
                          .whole_passes = true})
                .recorder.count(),
            24)
      << "three whole passes";
}

TEST(ClosedLoop, EndsWhenItIsPreciseEnough) {
  FakeTarget target(1);
  const LoopResult result = Loop(target, {.warmup_seconds = 0, .seconds = 60, .precision = 1000});
  EXPECT_EQ(result.recorder.count(), 512);
  EXPECT_EQ(result.ended_by, StopReason::kPrecision);
}

TEST(ClosedLoop, EndsWhenItsTimeIsOver) {
  FakeTarget target(2);
  EXPECT_EQ(Loop(target, {.warmup_seconds = 0, .seconds = 0.001}).ended_by, StopReason::kTime);
}

// Who keeps counters from what is shown has every request of the window in them at the end.
TEST(ClosedLoop, TheLastProgressHasEveryRequestOfTheWindow) {
  FakeTarget target(1);
  int64_t shown = -1;
  const LoopResult result =
      RunClosedLoop(target, {.warmup_seconds = 0, .seconds = 0.01}, nullptr, nullptr,
                    [&](const LoopProgress& progress) { shown = progress.recorder->count(); });
  EXPECT_GT(shown, 0);
  EXPECT_EQ(shown, result.recorder.count());
}

}  // namespace
}  // namespace normbench
