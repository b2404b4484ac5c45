// SPDX-License-Identifier: Apache-2.0
#include "client/cpu_split.h"

#include <sched.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace normbench {

CpuSplit SplitCpus(const std::vector<int>& usable) {
  if (usable.size() < 2) return {};
  return {.server = {usable.begin(), usable.end() - 1}, .client = {usable.back()}};
}

CpuSplit SplitCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> usable;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return {};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<size_t>(cpu), &set)) usable.push_back(cpu);
  }
  return SplitCpus(usable);
}

absl::Status UseCpus(const std::vector<int>& cpus) {
  if (cpus.empty()) return absl::OkStatus();
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<size_t>(cpu), &set);
  if (sched_setaffinity(0, sizeof(set), &set) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("sched_setaffinity: ", std::strerror(errno)));
}

}  // namespace normbench
