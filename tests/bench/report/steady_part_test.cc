// SPDX-License-Identifier: Apache-2.0
#include "bench/report/steady_part.h"

#include "gtest/gtest.h"

namespace normbench {
namespace {

// One request after the other, each taking what `latency` says of its number.
template <typename F>
std::vector<Sample> Sequence(int n, const F& latency) {
  std::vector<Sample> samples;
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
  EXPECT_TRUE(part.steady);
  EXPECT_LT(part.first, 100u);
  EXPECT_NEAR(part.seconds, 1.05, 0.11);
}

TEST(FindSteadyPart, DiscardsASlowStart) {
  // 100 requests of 10 ms take 1 s, then 2000 of 1 ms take 2 s.
  const SteadyPart part =
      FindSteadyPart(Sequence(2100, [](int i) { return i < 100 ? 0.010 : 0.001; }));
  EXPECT_TRUE(part.steady);
  EXPECT_GE(part.first, 99u);
  EXPECT_LE(part.first, 250u);
  EXPECT_NEAR(part.seconds, 2, 0.2);
}

TEST(FindSteadyPart, DoesNotCallADriftSteady) {
  // Ever slower until the end.
  const SteadyPart part =
      FindSteadyPart(Sequence(1000, [](int i) { return i < 800 ? 0.001 : 0.001 * (i - 799); }));
  EXPECT_FALSE(part.steady);
  EXPECT_EQ(part.first, 0u);
}

TEST(FindSteadyPart, TooFewSamplesAreNotSteady) {
  EXPECT_FALSE(FindSteadyPart(Sequence(99, [](int) { return 0.01; })).steady);
  EXPECT_NEAR(FindSteadyPart(Sequence(99, [](int) { return 0.01; })).seconds, 0.99, 1e-9);
  EXPECT_EQ(FindSteadyPart({}).seconds, 0);
  EXPECT_FALSE(FindSteadyPart(std::vector<Sample>(500, Sample{1, 0, 0, 1})).steady);
}

}  // namespace
}  // namespace normbench
