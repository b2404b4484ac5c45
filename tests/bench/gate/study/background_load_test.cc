// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/background_load.h"

#include <chrono>
#include <ctime>
#include <thread>

#include "gtest/gtest.h"

namespace normbench {
namespace {

// Of all threads; that of the test sleeps.
double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

TEST(BackgroundLoad, TakesItsShareAndNoMore) {
  const auto begin = std::chrono::steady_clock::now();
  const double before = CpuSeconds();
  {
    const BackgroundLoad load(0.3);
    while (CpuSeconds() < before + 0.15) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  // Busy by the clock in 30 % of each period, so never longer on a processor; a tenth of a second
  // for all else that this process does.
  EXPECT_LE(CpuSeconds() - before, 0.3 * (seconds.count() + kLoadPeriodSeconds) + 0.1);
}

TEST(BackgroundLoad, NoneTakesNothing) {
  const double before = CpuSeconds();
  const BackgroundLoad none(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(CpuSeconds() - before, 0.05);
}

}  // namespace
}  // namespace normbench
