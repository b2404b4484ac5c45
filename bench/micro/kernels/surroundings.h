// SPDX-License-Identifier: Apache-2.0
// What a run's numbers depend on beside the code: told above the table and in the JSON file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/host/host.h"

namespace normbench {

struct Surroundings {
  HostFacts host;
  std::string torch;                              // "2.15.0, AVX512"
  std::string allocator;                          // its settings
  int64_t cache_bytes = 0;                        // of the last-level cache
  std::optional<double> load_before, load_after;  // of the last minute
  std::optional<double> others;  // threads that wanted the CPUs before the first case
  std::optional<double> steal;   // share of CPU time that the hypervisor took
};

// With more of them, times say as much of the others as of what is timed.
inline constexpr double kMaxOthers = 0.3;

}  // namespace normbench
