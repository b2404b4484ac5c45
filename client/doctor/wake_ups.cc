// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/wake_ups.h"

#include <algorithm>
#include <chrono>

#include "bench/load/pacing.h"

namespace normbench {

std::vector<double> MeasureWakeUps(double seconds, const std::function<bool()>& stop) {
  constexpr std::chrono::milliseconds kSleep(1);
  UseExactTimers();
  std::vector<double> late;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (auto now = Clock::now(); now + kSleep <= end && !stop(); now = Clock::now()) {
    SleepUntil(now + kSleep);
    late.push_back(std::chrono::duration<double>(Clock::now() - now - kSleep).count());
  }
  std::sort(late.begin(), late.end());
  return late;
}

}  // namespace normbench
