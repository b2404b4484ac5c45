// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/void_round.h"

#include "absl/strings/str_format.h"

namespace normbench {

std::string WhyVoid(const v1::Policy& policy, const v1::Round& round) {
  for (const v1::ArmVisit& visit : round.visits()) {
    const v1::HostWindow& host = visit.host();
    if (host.steal_ratio() > policy.max_steal()) {
      return absl::StrFormat("steal %.1f %% while %s was visited, above %.3g %%",
                             100 * host.steal_ratio(), visit.arm(), 100 * policy.max_steal());
    }
    if (host.throttled_ratio() > policy.max_throttled()) {
      return absl::StrFormat("throttled for %.1f %% of the visit to %s, above %.3g %%",
                             100 * host.throttled_ratio(), visit.arm(),
                             100 * policy.max_throttled());
    }
    if (policy.max_pressure() > 0 && host.cpu_pressure() > policy.max_pressure()) {
      return absl::StrFormat(
          "threads waited for a CPU in %.1f %% of the visit to %s, above %.3g %%",
          100 * host.cpu_pressure(), visit.arm(), 100 * policy.max_pressure());
    }
    if (policy.max_load() > 0 && host.load_average() > policy.max_load()) {
      return absl::StrFormat("load average %.2f after the visit to %s, above %.3g",
                             host.load_average(), visit.arm(), policy.max_load());
    }
  }
  return "";
}

}  // namespace normbench
