// SPDX-License-Identifier: Apache-2.0
// The machine this process runs on: what it is, and how much of it others take while we measure.
#pragma once

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

// CPU time of the whole machine since boot, from /proc/stat, in seconds.
struct CpuTimes {
  double total = 0;
  double steal = 0;
};
CpuTimes ReadCpuTimes();

// From the text of /proc/stat, which counts in ticks. Zeros where the first line is not what it
// should be.
CpuTimes ParseCpuTimes(absl::string_view proc_stat, double ticks_per_second);

// Share of CPU time between two readings that the hypervisor gave to others, 0 .. 1; 0 where
// nothing passed.
double StealRatio(const CpuTimes& before, const CpuTimes& after);

double LoadAverage();  // of the last minute; 0 where it cannot be read

}  // namespace normbench
