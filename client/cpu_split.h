// SPDX-License-Identifier: Apache-2.0
// Processors apart: the client measures on one, the server has the others, so that neither takes
// the other's time away.
#pragma once

#include <vector>

#include "absl/status/status.h"

namespace normbench {

struct CpuSplit {
  std::vector<int> server, client;  // both empty: there is only one, they share it
};

// Of the processors that this process may use: the last one is the client's.
CpuSplit SplitCpus();

// Of a list of them, ascending. Pure.
CpuSplit SplitCpus(const std::vector<int>& usable);

// Restricts the calling thread and those that it will make. Nothing happens for an empty list.
absl::Status UseCpus(const std::vector<int>& cpus);

}  // namespace normbench
