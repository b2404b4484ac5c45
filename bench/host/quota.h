// SPDX-License-Identifier: Apache-2.0
// How much of the machine the control groups around this process let it have.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace normbench {

// The least of the groups in CPUs, which need not be whole; nothing without a quota.
std::optional<double> CpuQuota();

// The least of the groups in bytes; nothing without a limit.
std::optional<double> MemoryLimit();

// From the text of cpu.max: microseconds in a period, or "max", and the period.
std::optional<double> ParseCpuMax(absl::string_view cpu_max);

// The same of version 1, which has a file for each; -1 is no quota.
std::optional<double> ParseCfsQuota(absl::string_view quota, absl::string_view period);

// From the text of memory.max, or memory.limit_in_bytes of version 1.
std::optional<double> ParseMemoryMax(absl::string_view text);

}  // namespace normbench
