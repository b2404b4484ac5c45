// SPDX-License-Identifier: Apache-2.0
// How the CPUs are set: what makes the same work take another time a minute later.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace normbench {

// Of the first CPU. A virtual machine often sees none of it.
struct CpuTuning {
  std::optional<std::string> governor;  // of the frequency: performance, powersave ...
  std::optional<bool> boost;            // the frequency depends on heat and neighbours
  std::optional<int> threads_per_core;  // as this machine sees them
};

CpuTuning ReadCpuTuning();

// How much later than asked the kernel may wake this thread, in seconds: 50 us unless somebody has
// set it.
std::optional<double> TimerSlack();

// From the texts of cpufreq/boost and intel_pstate/no_turbo, of which a machine has at most one.
std::optional<bool> ParseBoost(absl::string_view boost, absl::string_view no_turbo);

// How many CPUs a list as "0,64" or "0-3,8" names.
std::optional<int> CountCpus(absl::string_view list);

}  // namespace normbench
