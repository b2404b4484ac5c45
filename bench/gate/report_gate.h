// SPDX-License-Identifier: Apache-2.0
// Two kept reports -> a comparison. Weaker than one that was measured in rounds: what differs
// between two days is in the ratio, too. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ReportGateOptions {
  bool across_machines = false;  // times of different environments may be compared
};

// Of a cell that is slower in the only server process that a report is of: no more than a
// suspicion, since memory layout and neighbours of a process stay as they are from visit to visit.
inline constexpr std::string_view kOneProcess = "one process";

// Judges the times of all common cells, or those that the policy names, and all their answers.
// `policy` is complete, or has no cells: then all common ones count. Quantiles go by their
// intervals over visits (Welch's t on the logarithms). Never REGRESSED: a report is of one server
// process (kOneProcess; INCONCLUSIVE). Rates have no interval in a report: samples_per_s is left
// out. Where the candidate failed a case, the outcome is arm_failed. Returns INVALID_ARGUMENT where
// the reports have no common case or not all that the policy names, for other metrics, and where
// times are to be compared across environments.
absl::StatusOr<v1::Comparison> CompareReports(const v1::Policy& policy, const v1::Report& baseline,
                                              const v1::Report& candidate,
                                              const ReportGateOptions& options);

// What makes two environments the same for times: processor, cores, instruction set, memory
// allocator, and the libraries that compute. Names of what differs; empty: nothing.
std::vector<std::string> DifferencesOf(const v1::Environment& a, const v1::Environment& b);

}  // namespace normbench
