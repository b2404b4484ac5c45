// SPDX-License-Identifier: Apache-2.0
#include "bench/load/open_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace normbench {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

// Serves one request after the other on the thread that waits, each in `service` time.
class SlowTarget : public Target {
 public:
  SlowTarget(int slots, Clock::duration service)
      : slots_(slots), service_(service), payloads_(static_cast<size_t>(slots)) {}

  int slots() const override { return slots_; }

  void Send(int slot, int64_t input) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    inputs.push_back(input);
    queue_.push_back({slot, input});
    sent_.notify_one();
  }

  std::optional<Completion> Wait(Clock::time_point until) override {
    std::unique_lock<std::mutex> lock(mutex_);
    sent_.wait_until(lock, until, [this] { return !queue_.empty() && !silent; });
    if (queue_.empty() || silent) return std::nullopt;
    const auto [slot, input] = queue_.front();
    queue_.pop_front();
    lock.unlock();
    const Clock::time_point done = Clock::now() + service_;
    while (Clock::now() < done) continue;
    payloads_[static_cast<size_t>(slot)] = std::to_string(input);
    return Completion{slot, code_of(input), Clock::now(),
                      std::as_bytes(std::span(payloads_[static_cast<size_t>(slot)])),
                      static_cast<int>(input) + 1};
  }

  size_t sent() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return inputs.size();
  }

  bool silent = false;
  std::function<int(int64_t input)> code_of = [](int64_t) { return 0; };
  std::vector<int64_t> inputs;  // in the order of Send

 private:
  struct Sent {
    int slot;
    int64_t input;
  };
  const int slots_;
  const Clock::duration service_;
  std::mutex mutex_;
  std::condition_variable sent_;
  std::deque<Sent> queue_;
  std::vector<std::string> payloads_;
};

OpenLoopResult Drive(Target& target, std::vector<double> times, const OpenLoopOptions& options,
                     OutputLedger* outputs = nullptr) {
  const auto arrivals = MakeTraceArrivals(std::move(times));
  return RunOpenLoop(target, *arrivals, options, outputs, nullptr, nullptr);
}

std::vector<double> Every(double gap, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(gap * i);
  return times;
}

TEST(OpenLoop, SendsWhatIsScheduledInOrder) {
  SlowTarget target(8, Clock::duration::zero());
  OutputLedger outputs(3, 1 << 20);
  const OpenLoopResult result =
      Drive(target, Every(0.001, 30), {.warmup_seconds = 0, .inputs = 3}, &outputs);
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.offered, 30);
  EXPECT_EQ(result.dropped, 0);
  EXPECT_EQ(result.recorder.count(), 30);
  for (size_t i = 0; i < target.inputs.size(); ++i) EXPECT_EQ(target.inputs[i], i % 3);
  EXPECT_EQ(outputs.of(2)[0].count, 10);
  EXPECT_EQ(outputs.of(2)[0].formed[0].formed_batch, 3);
  for (const Sample& sample : result.recorder.samples()) EXPECT_GE(sample.lag_seconds, 0);
}

TEST(OpenLoop, WarmUpIsSentAndNotCounted) {
  SlowTarget target(8, Clock::duration::zero());
  const OpenLoopResult result = Drive(target, Every(0.001, 30), {.warmup_seconds = 0.0095});
  EXPECT_EQ(target.inputs.size(), 30u);
  EXPECT_EQ(result.warmup_requests, 10);
  EXPECT_EQ(result.offered, 20);
  EXPECT_EQ(result.recorder.count(), 20);
}

// Twenty at once, one slot, 1 ms each: the last one waits for 19 ms before it is even sent.
TEST(OpenLoop, WaitingForASlotIsLag) {
  SlowTarget target(1, std::chrono::milliseconds(1));
  const OpenLoopResult result = Drive(target, std::vector<double>(20, 0.0), {.warmup_seconds = 0});
  ASSERT_EQ(result.recorder.count(), 20);
  for (size_t i = 0; i < 20; ++i) {
    const Sample sample = result.recorder.samples()[i];
    EXPECT_GE(sample.lag_seconds, 0.001 * static_cast<double>(i));
    EXPECT_GE(sample.latency_seconds, 0.001);
  }
  EXPECT_FALSE(result.recorder.samples()[0].waited) << "it had a slot";
  EXPECT_GE(result.waited, 10) << "all but the first, as a rule";
  EXPECT_EQ(result.recorder.lag().count(), 20);
  EXPECT_GE(result.recorder.histogram().Quantile(1), 0.020);
  EXPECT_LT(result.recorder.sent().Quantile(0.5), 0.020);
}

TEST(OpenLoop, WhatIsLateMayBeDropped) {
  SlowTarget target(1, std::chrono::milliseconds(1));
  const OpenLoopResult result =
      Drive(target, std::vector<double>(20, 0.0), {.late = LatePolicy::kDrop, .warmup_seconds = 0});
  EXPECT_EQ(result.offered, 20);
  EXPECT_GE(result.dropped, 1);
  EXPECT_EQ(result.dropped + result.recorder.count(), 20);
  EXPECT_EQ(static_cast<int64_t>(result.drop_times.size()), result.dropped);
  for (const double time : result.drop_times) EXPECT_EQ(time, 0);
}

TEST(OpenLoop, TheTargetsSlotsAreTheLimit) {
  SlowTarget target(2, std::chrono::milliseconds(1));
  const OpenLoopResult result =
      Drive(target, std::vector<double>(10, 0.0),
            {.in_flight = 100, .late = LatePolicy::kDrop, .warmup_seconds = 0});
  EXPECT_GE(result.dropped, 1);
}

TEST(OpenLoop, ErrorsAreCounted) {
  SlowTarget target(4, Clock::duration::zero());
  target.code_of = [](int64_t input) { return input == 1 ? 14 : 0; };
  const OpenLoopResult result =
      Drive(target, Every(0.0005, 20), {.warmup_seconds = 0, .inputs = 2});
  EXPECT_EQ(result.errors, 10);
  EXPECT_EQ(result.recorder.codes().at(14), 10);
  EXPECT_TRUE(result.lost.ok());
}

TEST(OpenLoop, ATargetThatFailsEverythingIsLost) {
  SlowTarget target(4, Clock::duration::zero());
  target.code_of = [](int64_t) { return 14; };
  const OpenLoopResult result = Drive(target, Every(0.0005, 20), {.warmup_seconds = 0});
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("none of the 20 requests"));
  EXPECT_EQ(result.ended_by, StopReason::kLost);
}

// The schedule has an hour to go.
TEST(OpenLoop, ATargetThatOnlyFailsIsLostInTheEnd) {
  SlowTarget target(4, Clock::duration::zero());
  target.code_of = [](int64_t) { return 14; };
  const OpenLoopResult result = Drive(
      target, Every(0.001, 3'600'000),
      {.warmup_seconds = 0, .seconds = 3600, .stall_seconds = 0.05, .max_consecutive_errors = 20});
  EXPECT_THAT(
      std::string(result.lost.message()),
      HasSubstr("in a row failed, none in 0.05 s succeeded, the last one had status code 14"));
  EXPECT_GE(result.errors, 20);
  EXPECT_EQ(result.ended_by, StopReason::kLost);
}

TEST(OpenLoop, AnOutageIsAFindingAndNoLoss) {
  SlowTarget target(4, Clock::duration::zero());
  target.code_of = [](int64_t input) { return input < 50 ? 14 : 0; };
  const OpenLoopResult result = Drive(
      target, Every(0.001, 100), {.warmup_seconds = 0, .inputs = 100, .max_consecutive_errors = 1});
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.errors, 50);
  EXPECT_EQ(result.recorder.count(), 100);
}

TEST(OpenLoop, OneFailureAfterAGapIsNoLoss) {
  SlowTarget target(4, Clock::duration::zero());
  target.code_of = [](int64_t input) { return input == 1 ? 14 : 0; };
  const OpenLoopResult result =
      Drive(target, {0, 0.6, 0.601}, {.warmup_seconds = 0, .inputs = 3, .stall_seconds = 0.2});
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.recorder.count(), 3);
}

TEST(OpenLoop, RatesAreOfTheScheduleNotOfTheLastAnswer) {
  SlowTarget target(4, Clock::duration::zero());
  const OpenLoopResult result =
      Drive(target, Every(0.001, 10), {.warmup_seconds = 0.002, .seconds = 0.5});
  EXPECT_DOUBLE_EQ(result.offered_seconds, 0.5);
  EXPECT_GE(result.measured_seconds, 0.5);
}

TEST(OpenLoop, ATargetThatIsSilentIsLost) {
  SlowTarget target(4, Clock::duration::zero());
  target.silent = true;
  const OpenLoopResult result =
      Drive(target, Every(0.001, 10), {.warmup_seconds = 0, .stall_seconds = 0.2});
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("no answer for 0.2 s, 4 requests"));
  EXPECT_EQ(result.recorder.codes().at(14), 4) << "what was not answered failed";
  EXPECT_EQ(result.errors, 4);
  EXPECT_EQ(result.ended_by, StopReason::kLost);
}

// The sender waits for a slot that never comes free: it must still hear the end.
TEST(OpenLoop, ASilentTargetWithoutSlotsIsLost) {
  SlowTarget target(1, Clock::duration::zero());
  target.silent = true;
  const OpenLoopResult result =
      Drive(target, Every(0.001, 10), {.warmup_seconds = 0, .stall_seconds = 0.2});
  EXPECT_FALSE(result.lost.ok());
  EXPECT_EQ(result.dropped, 0) << "the one that waited was not the target's to miss";
  EXPECT_EQ(result.offered, 1);
}

TEST(OpenLoop, AGapInTheScheduleIsNoStall) {
  SlowTarget target(4, Clock::duration::zero());
  const OpenLoopResult result =
      Drive(target, {0, 0.6}, {.warmup_seconds = 0, .stall_seconds = 0.2});
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.recorder.count(), 2);
}

TEST(OpenLoop, StopsWhenItIsTold) {
  SlowTarget target(4, Clock::duration::zero());
  const auto arrivals = MakeTraceArrivals({0, 3600});
  int polls = 0;
  std::vector<double> fractions;
  const OpenLoopResult result = RunOpenLoop(
      target, *arrivals, {.warmup_seconds = 0, .seconds = 3600}, nullptr,
      [&polls] { return ++polls == 2; },
      [&](const LoopProgress& progress) { fractions.push_back(progress.fraction); });
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.ended_by, StopReason::kInterrupted);
  EXPECT_EQ(result.recorder.count(), 1);
  EXPECT_THAT(fractions, Each(::testing::Lt(0.01)));
}

// The target is silent until the user has had enough.
TEST(OpenLoop, AnswersUnderWayCountAfterAnInterruption) {
  SlowTarget target(20, Clock::duration::zero());
  target.silent = true;
  std::vector<double> times(20, 0.0);
  times.push_back(3600);
  const auto arrivals = MakeTraceArrivals(times);
  const auto stop = [&target] {
    target.silent = target.sent() < 20;
    return !target.silent;
  };
  const OpenLoopResult result = RunOpenLoop(
      target, *arrivals, {.warmup_seconds = 0, .seconds = 3600}, nullptr, stop, nullptr);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.offered, 20);
  EXPECT_EQ(result.recorder.count(), 20);
  EXPECT_EQ(result.errors, 0);
}

TEST(OpenLoop, TheLastProgressHasEveryRequestOfTheWindow) {
  SlowTarget target(4, Clock::duration::zero());
  const auto arrivals = MakeTraceArrivals({0, 0.001, 0.002});
  int64_t shown = -1;
  RunOpenLoop(target, *arrivals, {.warmup_seconds = 0}, nullptr, nullptr,
              [&](const LoopProgress& progress) { shown = progress.recorder->count(); });
  EXPECT_EQ(shown, 3);
}

TEST(OpenLoop, EndsAfterSoManyRequests) {
  SlowTarget target(4, Clock::duration::zero());
  const OpenLoopResult result = Drive(
      target, Every(0.001, 100), {.warmup_seconds = 0.0005, .seconds = 60, .max_requests = 20});
  EXPECT_EQ(result.offered, 20);
  EXPECT_EQ(result.recorder.count(), 20);
  EXPECT_NEAR(result.offered_seconds, 0.0195, 1e-9) << "up to the last one";
  EXPECT_EQ(result.ended_by, StopReason::kMaxRequests);
}

TEST(OpenLoop, NoScheduleIsNoRequest) {
  SlowTarget target(4, Clock::duration::zero());
  const OpenLoopResult result = Drive(target, {}, {});
  EXPECT_EQ(result.offered, 0);
  EXPECT_EQ(result.recorder.count(), 0);
}

}  // namespace
}  // namespace normbench
