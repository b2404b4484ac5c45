// SPDX-License-Identifier: Apache-2.0
// How much of the machine others took while something was measured: one reading before, one after.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "bench/host/host.h"

namespace normbench {

// The counters of one moment. What cannot be read here is nothing.
struct HostReading {
  double steady_seconds = 0;  // of the steady clock
  std::optional<CpuTimes> cpu = std::nullopt;
  std::optional<double> cpu_pressure_seconds = std::nullopt;  // some thread waited for a CPU
  std::optional<double> throttled_seconds = std::nullopt;     // of all CPUs together
  std::optional<double> load_average = std::nullopt;          // of the last minute
};

// What happened between two moments, as shares of the time, 0 .. 1.
struct HostWindow {
  double seconds = 0;
  std::optional<double> steal_ratio = std::nullopt;   // of CPU time, given to others by the host
  std::optional<double> cpu_pressure = std::nullopt;  // some thread of the machine waited for a CPU
  // The group of this process, or one around it, was over its CPU quota. Counted for each CPU that
  // stood still; at most 1.
  std::optional<double> throttled_ratio = std::nullopt;
  std::optional<double> load_average = std::nullopt;  // of the last minute, at the end
};

// Reads a handful of small files: about 0.2 ms.
HostReading ReadHost();

// A ratio is nothing where a reading lacks it or no time passed.
HostWindow Between(const HostReading& before, const HostReading& after);

// From the text of /proc/pressure/cpu, in seconds.
std::optional<double> ParseCpuPressure(absl::string_view text);

// From the text of cpu.stat of a control group of either version, in seconds; nothing for a group
// that cannot be throttled, as the root of version 2.
std::optional<double> ParseThrottled(absl::string_view cpu_stat);

}  // namespace normbench
