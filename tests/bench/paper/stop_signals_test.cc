// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace normbench {
namespace {

using std::chrono::milliseconds;

TEST(StopSignalsTest, NothingCame) {
  EXPECT_FALSE(StopSignals().Wait(milliseconds(1)));
}

TEST(StopSignalsTest, EachIsSeenOnce) {
  const StopSignals signals;
  for (const int signal : {SIGINT, SIGTERM}) {
    raise(signal);
    EXPECT_TRUE(signals.Wait(milliseconds(0)));
    EXPECT_FALSE(signals.Wait(milliseconds(0)));
  }
}

}  // namespace
}  // namespace normbench
