// SPDX-License-Identifier: Apache-2.0
#include "bench/load/closed_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace normbench {
namespace {

using testing::HasSubstr;

struct Sent {
  int slot;
  int64_t input;
  Clock::time_point at;
};

// Completes what is under way at once, first in first out or last in first out; says which code and
// which payload by the number of the request.
class FakeTarget : public Target {
 public:
  explicit FakeTarget(int slots) : slots_(slots), payloads_(slots) {}

  int slots() const override { return slots_; }

  void Send(int slot, int64_t input) override {
    const Clock::time_point now = Clock::now();
    EXPECT_TRUE(busy_.insert(slot).second) << "slot " << slot << " is in use";
    EXPECT_LT(slot, slots_);
    most_busy = std::max(most_busy, static_cast<int>(busy_.size()));
    under_way_.push_back({slot, input, now});
    sent.push_back(under_way_.back());
  }

  std::optional<Completion> Wait(Clock::time_point until) override {
    if (under_way_.empty() || completed >= silent_after) {
      while (Clock::now() < until) continue;
      return std::nullopt;
    }
    const bool last = last_in_first_out && completed % 3 != 0;
    const Sent request = last ? under_way_.back() : under_way_.front();
    last ? under_way_.pop_back() : under_way_.pop_front();
    busy_.erase(request.slot);
    if (service_time > Clock::duration::zero()) {
      const Clock::time_point done = Clock::now() + service_time;
      while (Clock::now() < done) continue;
    }
    const Clock::time_point time = Clock::now();
    spans.push_back(time - request.at);
    while (Clock::now() < time + reading_time) continue;
    payloads_[request.slot] = payload_of(request.input);
    return Completion{request.slot, code_of(completed++), time,
                      std::as_bytes(std::span(payloads_[request.slot]))};
  }

  bool last_in_first_out = false;
  int64_t silent_after = std::numeric_limits<int64_t>::max();
  Clock::duration service_time{};
  Clock::duration reading_time{};  // of this end, after the answer is there
  std::function<int(int64_t number)> code_of = [](int64_t) { return 0; };
  std::function<std::string(int64_t input)> payload_of = [](int64_t input) {
    return std::to_string(input);
  };

  std::vector<Sent> sent;
  std::vector<Clock::duration> spans;  // from Send to the answer, in order of completion
  int64_t completed = 0;
  int most_busy = 0;

 private:
  int slots_;
  std::deque<Sent> under_way_;
  std::set<int> busy_;
  std::vector<std::string> payloads_;
};

ClosedLoopOptions Brief() {
  ClosedLoopOptions options;
  options.warmup_seconds = 0.005;
  options.seconds = 0.01;
  return options;
}

LoopResult Loop(Target& target, const ClosedLoopOptions& options, OutputLedger* outputs = nullptr) {
  return RunClosedLoop(target, options, outputs, nullptr, nullptr);
}

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
  const Sample& last = result.recorder.samples().back();
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
  const std::vector<Sample>& samples = result.recorder.samples();
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

TEST(ClosedLoop, ErrorsAreRecordedWithTheirCodeAndLeftOutOfOutputs) {
  FakeTarget target(1);
  target.code_of = [](int64_t number) { return number % 4 == 0 ? 14 : number % 4 == 1 ? 4 : 0; };
  ClosedLoopOptions options = Brief();
  OutputLedger outputs(1, 1000);
  const LoopResult result = Loop(target, options, &outputs);
  EXPECT_TRUE(result.lost.ok());
  const std::map<int32_t, int64_t>& codes = result.recorder.codes();
  EXPECT_EQ(codes.at(4) + codes.at(14), result.errors);
  EXPECT_EQ(codes.at(0) + result.errors, result.recorder.count());
  EXPECT_EQ(outputs.of(0)[0].count, codes.at(0));
  EXPECT_EQ(result.recorder.histogram().count(), codes.at(0));
}

TEST(ClosedLoop, TooManyErrorsInARowMeanLost) {
  FakeTarget target(2);
  target.code_of = [](int64_t number) { return number >= 1000 ? 14 : 0; };
  ClosedLoopOptions options = Brief();
  options.in_flight = 2;
  options.warmup_seconds = 0;
  options.seconds = 1e12;
  options.max_consecutive_errors = 10;
  options.lost_seconds = 0.001;
  const LoopResult result = Loop(target, options);
  EXPECT_EQ(result.lost.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("10 requests in a row failed"));
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("code 14"));
  EXPECT_EQ(result.recorder.codes().at(0), 999);  // without the first call: what was measured stays
  EXPECT_GE(result.errors, 10);
  EXPECT_LE(result.errors, 11);  // with the one that was under way
  EXPECT_EQ(result.recorder.codes().at(14), result.errors);
  EXPECT_GT(result.measured_seconds, 0);
}

// A full queue refuses hundreds in no time and then answers again.
TEST(ClosedLoop, ManyErrorsInAShortTimeDoNot) {
  FakeTarget target(8);
  target.code_of = [](int64_t number) { return number >= 100 && number < 300 ? 8 : 0; };
  ClosedLoopOptions options = Brief();
  options.in_flight = 8;
  options.warmup_seconds = 0;
  options.seconds = 1;
  const LoopResult result = Loop(target, options);
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.errors, 200);
  EXPECT_GT(result.recorder.codes().at(0), 200);
}

TEST(ClosedLoop, ErrorsNotInARowDoNot) {
  FakeTarget target(1);
  target.code_of = [](int64_t number) { return number % 10 == 9 ? 0 : 13; };
  ClosedLoopOptions options = Brief();
  options.seconds = 0.2;
  options.max_consecutive_errors = 10;
  options.lost_seconds = 0;
  EXPECT_TRUE(Loop(target, options).lost.ok());
}

// One slot, refused at once: 1 + 2 + 4 + 8 + 16 ms between the first six, then 20 ms.
TEST(ClosedLoop, ARefusedSlotRests) {
  FakeTarget target(1);
  target.code_of = [](int64_t number) { return number == 0 ? 0 : 8; };
  ClosedLoopOptions options = Brief();
  options.warmup_seconds = 0;
  options.seconds = 0.1;
  const LoopResult result = Loop(target, options);
  EXPECT_GE(result.errors, 2);
  EXPECT_LE(result.errors, 10);
}

TEST(ClosedLoop, ATargetThatIsDeadFromTheStart) {
  FakeTarget target(1);
  target.code_of = [](int64_t) { return 14; };
  ClosedLoopOptions options = Brief();
  options.seconds = 1e12;
  options.lost_seconds = 0.3;
  options.max_consecutive_errors = 20;
  const LoopResult result = Loop(target, options);
  EXPECT_EQ(result.lost.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(result.first_call_seconds, 0) << "a failed call has no latency";
  EXPECT_GE(target.sent.size(), 20u);
}

TEST(ClosedLoop, AWindowWithoutASuccessMeansLost) {
  FakeTarget target(1);
  target.code_of = [](int64_t) { return 8; };
  const LoopResult result = Loop(target, Brief());
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("none of the"));
}

TEST(ClosedLoop, NoAnswerForTooLongMeansLost) {
  FakeTarget target(3);
  target.silent_after = 500;
  ClosedLoopOptions options = Brief();
  options.in_flight = 3;
  options.inputs = 10;
  options.warmup_seconds = 0;
  options.seconds = 1e12;
  options.stall_seconds = 0.02;
  const LoopResult result = Loop(target, options);
  EXPECT_EQ(result.lost.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(result.lost.message()), HasSubstr("no answer for 0.02 s, 3 requests"));
  EXPECT_EQ(result.recorder.count(), 499);
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

TEST(ClosedLoop, ACompletionOfAFreeSlotIsABugOfTheTarget) {
  struct Confused : Target {
    int slots() const override { return 2; }
    void Send(int, int64_t) override {}
    std::optional<Completion> Wait(Clock::time_point) override { return Completion{7, 0, {}, {}}; }
  } target;
  const LoopResult result = Loop(target, Brief());
  EXPECT_EQ(result.lost.code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace normbench
