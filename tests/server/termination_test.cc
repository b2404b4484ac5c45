// SPDX-License-Identifier: Apache-2.0
#include "server/termination.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>

namespace normbench {
namespace {

using ::testing::ExitedWithCode;
using ::testing::KilledBySignal;

// Each statement runs in a process of its own, which ends with what it says.
class TerminationDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void SendToItself(int signal) {
  kill(getpid(), signal);
}

// Longer than a signal takes.
void Linger() {
  std::this_thread::sleep_for(std::chrono::seconds(10));
  std::exit(3);
}

TEST_F(TerminationDeathTest, EndTheProcessWhileItStarts) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto start = [signal] {
      BlockStopSignals();
      const StopSignalsActAtOnce at_once;
      SendToItself(signal);
      Linger();
    };
    EXPECT_EXIT(start(), KilledBySignal(signal), "");
  }
}

TEST_F(TerminationDeathTest, WaitForWhoServes) {
  const auto serve = [] {
    BlockStopSignals();
    { const StopSignalsActAtOnce at_once; }
    std::thread worker(Linger);  // blocks them, too
    SendToItself(SIGTERM);
    std::_Exit(WaitForStopSignal() == SIGTERM ? 0 : 4);
  };
  EXPECT_EXIT(serve(), ExitedWithCode(0), "");
}

TEST_F(TerminationDeathTest, TheSecondEndsTheProcess) {
  const auto drain = [] {
    BlockStopSignals();
    SendToItself(SIGINT);
    WaitForStopSignal();
    SendToItself(SIGTERM);
    Linger();
  };
  EXPECT_EXIT(drain(), KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace normbench
