// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/background_load.h"

#include <chrono>

namespace normbench {

BackgroundLoad::BackgroundLoad(double share) {
  if (share > 0) thread_ = std::thread([this, share] { Work(share); });
}

BackgroundLoad::~BackgroundLoad() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void BackgroundLoad::Work(double share) const {
  using Clock = std::chrono::steady_clock;
  const auto period = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(kLoadPeriodSeconds));
  const auto busy = std::chrono::duration_cast<Clock::duration>(share * period);
  for (auto begin = Clock::now(); !stopping_; begin = Clock::now()) {
    while (Clock::now() < begin + busy) {
    }
    std::this_thread::sleep_until(begin + period);
  }
}

}  // namespace normbench
