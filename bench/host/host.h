// SPDX-License-Identifier: Apache-2.0
// The machine this process runs on: what it is, and how much of it others take while we measure.
#pragma once

#include <string>

namespace normbench {

struct HostFacts {
  std::string host;        // host name and a short hash of the boot id: equal within one boot of one machine
  std::string cpu_model;
  int cpus = 0;            // usable by this process (affinity)
  std::string isa;         // SSE4, AVX2 or AVX512
  double memory_bytes = 0;
  std::string os;          // kernel name and release
  std::string compiler;    // that built this program
};

HostFacts ReadHostFacts();

// CPU time of the whole machine since boot, from /proc/stat, in seconds.
struct CpuTimes {
  double total = 0;
  double steal = 0;
};
CpuTimes ReadCpuTimes();

// Share of CPU time between two readings that the hypervisor gave to others; 0 where nothing passed.
double StealRatio(const CpuTimes& before, const CpuTimes& after);

double LoadAverage();  // 1 minute

}  // namespace normbench
