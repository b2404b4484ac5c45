// SPDX-License-Identifier: Apache-2.0
// What an examination of this machine has found, before anybody judges it.
#pragma once

#include <optional>
#include <vector>

#include "bench/host/host.h"
#include "bench/host/host_window.h"
#include "bench/host/tuning.h"
#include "client/doctor/noise_floor.h"

namespace normbench {

// What cannot be read here, or was not measured in time, is nothing.
struct Findings {
  HostFacts facts = {};
  std::optional<double> cpu_quota = std::nullopt;           // in CPUs
  std::optional<double> memory_limit_bytes = std::nullopt;  // of the control group
  CpuTuning tuning = {};
  std::optional<double> timer_slack_seconds = std::nullopt;
  std::optional<double> wake_up_p99_seconds = std::nullopt;  // later than asked
  std::optional<double> runnable = std::nullopt;  // threads of others, before we kept CPUs busy
  HostWindow window = {};                         // the whole examination
  std::vector<NoiseRow> noise = {};
  bool interrupted = false;
};

// Bytes that this process may have: of the machine, or of its control group where that is less.
double MemoryOf(const Findings& findings);

}  // namespace normbench
