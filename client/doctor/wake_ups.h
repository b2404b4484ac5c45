// SPDX-License-Identifier: Apache-2.0
// How late this machine wakes a thread that sleeps until a time, as the sender of an open loop
// does.
#pragma once

#include <functional>
#include <vector>

namespace normbench {

// How much later than asked the thread woke, in seconds, ascending: one value for each millisecond
// of `seconds`. The calling thread has exact timers from here on (bench/load/pacing.h).
std::vector<double> MeasureWakeUps(double seconds, const std::function<bool()>& stop);

}  // namespace normbench
