// SPDX-License-Identifier: Apache-2.0
// The policy of a gate as text: JSON with the field names of Policy in comparison.proto. Format
// reference: README.md here.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

inline constexpr int kPolicyVersion = 1;
inline constexpr int kFewestRounds = 6;  // below that a signed-rank bound does not exist at 2.5 %
inline constexpr double kPlannedPower = 0.8;  // of what a gate says that it can detect

// With every default filled in, but for rounds, which a plan chooses (gate_plan.h). Returns
// INVALID_ARGUMENT naming field, value and allowed range: as ParseStrictJson does, and for no
// cells, an unknown metric, a margin that is none, a metric that fits no cell, a number out of
// range.
absl::StatusOr<v1::Policy> ParsePolicy(std::string_view json);

// Reads and parses; errors start with the path. NOT_FOUND where it cannot be opened.
absl::StatusOr<v1::Policy> ReadPolicyFile(const std::string& path);

// Every default, and no cells: what kept reports are judged by where nothing else is said.
v1::Policy DefaultPolicy(const std::string& name);

// Fills in what is not given and checks all of it. Idempotent.
absl::StatusOr<v1::Policy> CompletePolicy(v1::Policy policy);

// What each look may err by: with an extension there are two, and each has half of alpha.
double LookAlpha(const v1::Policy& policy);

}  // namespace normbench
