// SPDX-License-Identifier: Apache-2.0
#include "bench/report/steady_part.h"

#include <cmath>

#include "gtest/gtest.h"

namespace normbench {
namespace {

// One request after the other, each taking what `latency` says of its number.
template <typename F>
SampleList Sequence(int n, const F& latency) {
  SampleList samples;
  double now = 2;  // the loop has been running for a while
  for (int i = 0; i < n; ++i) {
    samples.push_back({now, latency(i), 0, 1});
    now += latency(i);
  }
  return samples;
}

TEST(FindSteadyPart, KeepsAllOfASteadySeries) {
  const SteadyPart part =
      FindSteadyPart(Sequence(1000, [](int i) { return i % 2 ? 0.001 : 0.0011; }));
  EXPECT_EQ(part.steadiness, Steadiness::kSteady);
  EXPECT_LT(part.first, 100u);
  EXPECT_NEAR(part.seconds, 1.05, 0.11);
}

TEST(FindSteadyPart, DiscardsASlowStart) {
  // 100 requests of 10 ms take 1 s, then 2000 of 1 ms take 2 s.
  const SteadyPart part =
      FindSteadyPart(Sequence(2100, [](int i) { return i < 100 ? 0.010 : 0.001; }));
  EXPECT_EQ(part.steadiness, Steadiness::kSteady);
  EXPECT_GE(part.first, 99u);
  EXPECT_LE(part.first, 250u);
  EXPECT_NEAR(part.seconds, 2, 0.2);
}

TEST(FindSteadyPart, DoesNotCallADriftSteady) {
  // Throughput falls in a line from 1000 to 200 a second within a second.
  const auto sent = [](double i) { return (1000 - std::sqrt(1e6 - 1600 * i)) / 800; };
  const SteadyPart part =
      FindSteadyPart(Sequence(600, [&](int i) { return sent(i + 1) - sent(i); }));
  EXPECT_EQ(part.steadiness, Steadiness::kNotSteady);
  EXPECT_EQ(part.first, 0u);
}

// Ten means of five slices would be noise: as many slices as samples, up to 1000.
TEST(FindSteadyPart, FindsAShortWarmUpAmongFewSamples) {
  const SteadyPart part =
      FindSteadyPart(Sequence(400, [](int i) { return i < 10 ? 0.010 : 0.001 + i % 2 * 1e-4; }));
  EXPECT_EQ(part.steadiness, Steadiness::kSteady);
  EXPECT_GE(part.first, 9u);
  EXPECT_LE(part.first, 40u);
}

TEST(FindSteadyPart, TooFewSamplesAreNotTested) {
  const SteadyPart few = FindSteadyPart(Sequence(199, [](int) { return 0.01; }));
  EXPECT_EQ(few.steadiness, Steadiness::kNotTested);
  EXPECT_EQ(few.first, 0u);
  EXPECT_NEAR(few.seconds, 1.99, 5e-5);
  EXPECT_EQ(FindSteadyPart({}).seconds, 0);
  SampleList at_once;
  for (int i = 0; i < 500; ++i) at_once.push_back({1, 0, 0, 1});
  EXPECT_EQ(FindSteadyPart(at_once).steadiness, Steadiness::kNotTested);
}

}  // namespace
}  // namespace normbench
