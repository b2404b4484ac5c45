// SPDX-License-Identifier: Apache-2.0
// Two servers and a policy -> a comparison.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/arm_rounds.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct ServersToCompare {
  v1::Policy policy;                      // complete
  std::string run_id = {}, started = {};  // of the comparison, see run_id.h
  std::string allocator = {};             // what KeepLargeBlocks() said
  std::function<void(const std::string& text)> show_plan =
      nullptr;  // gets it before the first round
};

// Starts both arms once to see what they are and once to see how long a visit takes, plans,
// measures and judges. Whatever goes wrong is in the result, also what ends it before the first
// round: cells or a budget that do not fit (known without a server, if possible), an arm that does
// not start, the user. `arms.progress` is told how much there is to do; `arms.budget_seconds` is
// the policy's.
v1::Comparison CompareServers(const ServersToCompare& what, const ArmOptions& arms);

// What is planned for cells whose devices are not known yet: what --dry-run shows, a line each.
absl::StatusOr<std::string> DescribePlan(const v1::Policy& policy);

}  // namespace normbench
