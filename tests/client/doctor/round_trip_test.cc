// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/round_trip.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(RoundTripTest, EveryMessageComesBack) {
  const auto round_trip = RoundTrip::Open();
  ASSERT_TRUE(round_trip.ok()) << round_trip.status();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE((*round_trip)->Once().ok()) << i;
}

TEST(RoundTripTest, TwoDoNotMeet) {
  const auto one = RoundTrip::Open();
  auto other = RoundTrip::Open();
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_TRUE((*other)->Once().ok());
  other->reset();
  EXPECT_TRUE((*one)->Once().ok());
}

}  // namespace
}  // namespace normbench
