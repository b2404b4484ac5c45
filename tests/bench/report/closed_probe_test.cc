// SPDX-License-Identifier: Apache-2.0
#include "bench/report/closed_probe.h"

#include "bench/report/case_key.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

Case Of(const std::string& key) {
  return {.key = key, .spec = *ParseCaseKey(key), .expect = {"p99<1ms"}};
}

TEST(NeedsMaximum, OnlyForShares) {
  EXPECT_TRUE(NeedsMaximum(Of("service/rms?shape=1x4&arrivals=poisson:80%25")));
  EXPECT_TRUE(NeedsMaximum(Of("model/m?data=d.npy&arrivals=spike:50%25x4@1%2B1")));
  EXPECT_FALSE(NeedsMaximum(Of("service/rms?shape=1x4&arrivals=poisson:80")));
  EXPECT_FALSE(NeedsMaximum(Of("service/rms?shape=1x4&arrivals=trace:50%25")));
  EXPECT_FALSE(NeedsMaximum(Of("service/rms?shape=1x4")));
  EXPECT_FALSE(NeedsMaximum(Of("norm/rms?shape=1x4")));
}

TEST(ClosedProbe, IsTheSameForAllSharesOfOneCase) {
  const Case probe =
      ClosedProbe(Of("model/m?data=d.npy&request_batch=4&arrivals=poisson:80%25"
                     "&late=drop&deadline=0.01&in_flight=7"));
  EXPECT_EQ(probe.key, "model/m?data=d.npy&request_batch=4&in_flight=32");
  EXPECT_TRUE(probe.expect.empty());
  EXPECT_GT(probe.seconds, 0);
  EXPECT_EQ(ClosedProbe(Of("model/m?data=d.npy&request_batch=4&arrivals=step:1%25,2%25")).key,
            probe.key);
  EXPECT_EQ(ClosedProbe(Of("service/rms?shape=1x4&channels=2&arrivals=poisson:9%25")).key,
            "service/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=auto&in_flight=32"
            "&channels=2");
}

}  // namespace
}  // namespace normbench
