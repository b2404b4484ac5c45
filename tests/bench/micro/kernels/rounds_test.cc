// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/rounds.h"

#include <gmock/gmock.h>

#include <string>

namespace normbench {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::SizeIs;

// Time that passes only while a fake contender works.
struct FakeTime {
  double now = 0;
  std::string order;

  CallMany Contender(char name, double seconds) {
    return [this, name, seconds](int64_t, int64_t count) {
      now += seconds * static_cast<double>(count);
      if (order.empty() || order.back() != name) order += name;
      return absl::OkStatus();
    };
  }
  RoundsOptions Options(int rounds, double seconds) {
    return {.rounds = rounds, .seconds = seconds, .clock = [this] { return now; }};
  }
};

TEST(RunRounds, EverySecondRoundIsInReverseOrder) {
  FakeTime time;
  const auto times =
      RunRounds({time.Contender('a', 1e-3), time.Contender('b', 2e-3)}, time.Options(4, 0.01));
  ASSERT_TRUE(times.ok());
  EXPECT_EQ(time.order, "abababa");  // calibration ab, then ab ba ab ba; neighbours merge
  EXPECT_THAT((*times)[0].per_round, SizeIs(4));
  EXPECT_THAT((*times)[0].per_round, Each(DoubleNear(1e-3, 1e-9)));
  EXPECT_THAT((*times)[1].samples, Each(DoubleNear(2e-3, 1e-9)));
}

TEST(RunRounds, ShortCallsShareASample) {
  FakeTime time;
  const auto times = RunRounds({time.Contender('a', 1e-6)}, time.Options(6, 0.001));
  ASSERT_TRUE(times.ok());
  EXPECT_EQ((*times)[0].calls_per_sample, 64);  // the first power of two over 50 us
  EXPECT_THAT((*times)[0].samples, Each(DoubleNear(1e-6, 1e-12)));
}

TEST(RunRounds, ACallLongerThanATurnIsASample) {
  FakeTime time;
  const auto times = RunRounds({time.Contender('a', 5)}, time.Options(6, 0.2));
  ASSERT_TRUE(times.ok());
  EXPECT_THAT((*times)[0].samples, SizeIs(6));
  EXPECT_DOUBLE_EQ(time.now, 5 * (1 + 6 * 2));  // calibration; an untimed and a timed call a turn
}

TEST(RunRounds, SlowCallsAtFirstDoNotDecideTheSampleSize) {
  FakeTime time;
  int calls = 0;
  const CallMany call = [&](int64_t, int64_t count) {
    time.now += calls++ < 5 ? 1e-4 : 1e-6 * static_cast<double>(count);
    return absl::OkStatus();
  };
  const auto times = RunRounds({call}, time.Options(6, 0.01));
  ASSERT_TRUE(times.ok());
  EXPECT_EQ((*times)[0].calls_per_sample, 64);
}

TEST(RunRounds, CallsAreCountedOn) {
  FakeTime time;
  int64_t next = 0;
  const CallMany call = [&](int64_t first, int64_t count) {
    EXPECT_EQ(first, next);
    next += count;
    time.now += 1e-5 * static_cast<double>(count);
    return absl::OkStatus();
  };
  ASSERT_TRUE(RunRounds({call}, time.Options(6, 0.001)).ok());
  EXPECT_GT(next, 600);
}

TEST(RunRounds, TheFirstErrorEndsIt) {
  const CallMany broken = [](int64_t, int64_t) { return absl::InternalError("broken"); };
  EXPECT_EQ(RunRounds({broken}, {}).status().message(), "broken");
}

TEST(SteadySeconds, DoesNotGoBack) {
  const double before = SteadySeconds();
  EXPECT_GE(SteadySeconds(), before);
}

}  // namespace
}  // namespace normbench
