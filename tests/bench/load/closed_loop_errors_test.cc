// SPDX-License-Identifier: Apache-2.0
// What a loop makes of requests that fail and of targets that are silent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "bench/load/closed_loop.h"
#include "tests/bench/load/fake_target.h"

namespace normbench {
namespace {

using testing::HasSubstr;

TEST(ClosedLoop, ErrorsAreRecordedWithTheirCodeAndLeftOutOfOutputs) {
  FakeTarget target(1);
  target.code_of = [](int64_t number) { return number % 4 == 0 ? 14 : number % 4 == 1 ? 4 : 0; };
  OutputLedger outputs(40, 1000);
  const LoopResult result = Loop(target, OnePass(40), &outputs);
  EXPECT_TRUE(result.lost.ok());
  const std::map<int32_t, int64_t>& codes = result.recorder.codes();
  EXPECT_EQ(codes.at(4) + codes.at(14), result.errors);
  EXPECT_EQ(codes.at(0) + result.errors, result.recorder.count());
  int64_t kept = 0;
  for (int64_t input = 0; input < 40; ++input) kept += outputs.of(input).empty() ? 0 : 1;
  EXPECT_EQ(kept, codes.at(0));
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
  EXPECT_EQ(result.ended_by, StopReason::kLost);
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
  ClosedLoopOptions options = OnePass(1000);
  options.in_flight = 8;
  const LoopResult result = Loop(target, options);
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.errors, 200);
  EXPECT_EQ(result.recorder.codes().at(0), 800);
}

TEST(ClosedLoop, ErrorsNotInARowDoNot) {
  FakeTarget target(1);
  target.code_of = [](int64_t number) { return number % 10 == 9 ? 0 : 13; };
  ClosedLoopOptions options = OnePass(30);
  options.max_consecutive_errors = 10;
  options.lost_seconds = 0;
  EXPECT_TRUE(Loop(target, options).lost.ok());
}

// One request is at work until twenty others were refused, each at once.
TEST(ClosedLoop, ErrorsBesideARequestAtWorkDoNot) {
  FakeTarget target(2);
  target.oldest_waits_until = 22;
  target.code_of = [](int64_t number) { return number < 2 || number >= 22 ? 0 : 8; };
  ClosedLoopOptions options = OnePass(30);
  options.in_flight = 2;
  options.max_consecutive_errors = 5;
  options.lost_seconds = 0.02;
  const LoopResult result = Loop(target, options);
  EXPECT_TRUE(result.lost.ok()) << result.lost;
  EXPECT_EQ(result.errors, 20);
}

// One slot rests after its failure, nothing more is to be sent, and the other one's answer never
// comes: the loop waits for it, it does not ask again and again.
TEST(ClosedLoop, WaitsQuietlyForTheLastAnswer) {
  FakeTarget target(2);
  target.code_of = [](int64_t number) { return number == 1 ? 8 : 0; };
  target.silent_after = 2;
  ClosedLoopOptions options = Brief();
  options.warmup_seconds = 0;
  options.in_flight = 2;
  options.stall_seconds = 0.3;
  EXPECT_FALSE(Loop(target, options).lost.ok());
  EXPECT_LT(target.waits, 50);
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

TEST(ClosedLoop, ACompletionOfAFreeSlotIsABugOfTheTarget) {
  struct Confused : Target {
    int slots() const override { return 2; }
    void Send(int, int64_t) override {}
    std::optional<Completion> Wait(Clock::time_point) override {
      return Completion{7, 0, {}, {}, 0};
    }
  } target;
  const LoopResult result = Loop(target, Brief());
  EXPECT_EQ(result.lost.code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace normbench
