// SPDX-License-Identifier: Apache-2.0
// Waiting for what comes soon, without sleeping.
#pragma once

#include <immintrin.h>

#include <chrono>

namespace normbench {

// About what it costs to wake a thread that sleeps.
inline constexpr std::chrono::microseconds kSpinTime(50);

// False if `done` is still false after kSpinTime: then it is time to sleep.
template <typename Done>
bool SpinUntil(const Done& done) {
  if (done()) return true;
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  while (std::chrono::steady_clock::now() < end) {
    _mm_pause();
    if (done()) return true;
  }
  return false;
}

}  // namespace normbench
