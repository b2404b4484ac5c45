// SPDX-License-Identifier: Apache-2.0
// A machine with nothing to complain about, for tests that change one thing.
#pragma once

#include "client/doctor/findings.h"

namespace normbench {

inline Findings GoodFindings() {
  Findings good;
  good.facts = {.host = "box-1a2b3c4d",
                .cpu_model = "CPU",
                .cpus = 8,
                .isa = "AVX2",
                .memory_bytes = 16e9,
                .os = "Linux 6",
                .compiler = "gcc"};
  good.tuning = {.governor = "performance", .boost = false, .threads_per_core = 1};
  good.timer_slack_seconds = 50'000 * 1e-9;
  good.wake_up_p99_seconds = 60e-6;
  good.runnable = 0.2;
  good.window = {.seconds = 30,
                 .steal_ratio = 0,
                 .cpu_pressure = 0.01,
                 .throttled_ratio = 0,
                 .load_average = 1};
  for (const char* work : {"compute", "round trip"}) {
    good.noise.push_back(
        {.work = work, .figure = "mean", .pairs = 20, .seconds = 1e-3, .sd = 0.02});
  }
  return good;
}

}  // namespace normbench
