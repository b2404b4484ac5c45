// SPDX-License-Identifier: Apache-2.0
#include "bench/load/precision_rule.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

// How many samples it takes, evenly spread from 1 ms to `last` ms; 0: more than 10,000.
int Samples(double target, double last) {
  PrecisionRule rule(target);
  Histogram latencies;
  for (int i = 1; i <= 10'000; ++i) {
    latencies.Record(1e-3 + (last - 1) * 1e-3 * (i * 617 % 1000) / 1000);
    if (rule.Done(latencies)) return i;
  }
  return 0;
}

TEST(PrecisionRule, EndsAtACheckpoint) {
  EXPECT_EQ(Samples(0.5, 1.1), 512) << "at once";
  // Half of the interval is 0.98 / sqrt(n) of the range: 0.031 at 1024, 0.022 at 2048, of 1 / 1.5.
  EXPECT_EQ(Samples(0.018, 2), 2048);
  EXPECT_EQ(Samples(0.025, 2), 1024);
  EXPECT_EQ(Samples(1e-4, 2), 0);
}

TEST(PrecisionRule, StaysDone) {
  PrecisionRule rule(0.1);
  Histogram latencies;
  for (int i = 0; i < 512; ++i) latencies.Record(1e-3);
  EXPECT_TRUE(rule.Done(latencies));
  for (int i = 0; i < 600; ++i) latencies.Record(1);
  EXPECT_TRUE(rule.Done(latencies));
}

}  // namespace
}  // namespace normbench
