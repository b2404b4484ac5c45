// SPDX-License-Identifier: Apache-2.0
// The machine this process runs on: what it is, and how much of it others take while we measure.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace normbench {

struct HostFacts {
  std::string
      host;  // host name and a short hash of the boot id: equal within one boot of one machine
  std::string cpu_model;
  int cpus = 0;             // usable by this process (affinity)
  std::string isa;          // SSE4, AVX2 or AVX512; on another architecture its name
  double memory_bytes = 0;  // of the machine
  std::string os;           // kernel name and release
  std::string compiler;     // that built this program
};

// What cannot be read is "unknown" or 0.
HostFacts ReadHostFacts();

// True if both are names of HostFacts::host within one boot of one machine: the hash of the boot id
// decides, since a container has a host name of its own. False for an empty or unknown boot id.
bool IsSameMachine(absl::string_view host, absl::string_view other);

// CPU time of the whole machine since boot, from /proc/stat, in seconds. Nothing where it cannot be
// read.
struct CpuTimes {
  double total = 0;
  double steal = 0;
};
std::optional<CpuTimes> ReadCpuTimes();

// From the text of /proc/stat, which counts in ticks. Nothing where the first line is not what it
// should be.
std::optional<CpuTimes> ParseCpuTimes(absl::string_view proc_stat, double ticks_per_second);

// Share of CPU time between two readings that the hypervisor gave to others, 0 .. 1; nothing where
// a reading is missing or no time passed.
std::optional<double> StealRatio(const std::optional<CpuTimes>& before,
                                 const std::optional<CpuTimes>& after);

std::optional<double> LoadAverage();  // of the last minute, where it can be read

// Threads of the machine that run or wait for a CPU, this one left out: the mean of ten readings of
// /proc/loadavg within 0.1 s, where it can be read. Unlike the load average it says nothing of what
// ended before.
std::optional<double> RunnableThreads();

// From the text of /proc/loadavg.
std::optional<double> ParseRunnable(absl::string_view proc_loadavg);

}  // namespace normbench
