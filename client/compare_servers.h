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
// measures and judges. What goes wrong in a visit is in the result; a status says that there is
// none: INVALID_ARGUMENT for cells or a budget that do not fit, UNAVAILABLE where an arm does not
// start, CANCELLED where the user stopped it before. `arms.progress` is told how much there is to
// do.
absl::StatusOr<v1::Comparison> CompareServers(const ServersToCompare& what, const ArmOptions& arms);

// What is wrong with the policy and is known without a server.
absl::Status CheckPolicy(const v1::Policy& policy);

// What is planned for cells whose devices are not known yet: what --dry-run shows, a line each.
absl::StatusOr<std::string> DescribePlan(const v1::Policy& policy);

}  // namespace normbench
