// SPDX-License-Identifier: Apache-2.0
// What shares a runner with a benchmark: a thread that is busy for a share of the time.
#pragma once

#include <atomic>
#include <thread>

namespace normbench {

inline constexpr double kLoadPeriodSeconds = 0.1;

class BackgroundLoad {
 public:
  // Busy for the first `share` (0 to 1) of each period, on any processor; 0: no thread.
  explicit BackgroundLoad(double share);
  ~BackgroundLoad();  // at the end of the period
  BackgroundLoad(const BackgroundLoad&) = delete;
  BackgroundLoad& operator=(const BackgroundLoad&) = delete;

 private:
  void Work(double share) const;

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace normbench
