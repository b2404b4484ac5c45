// SPDX-License-Identifier: Apache-2.0
// Two kept reports -> a comparison. Weaker than one that was measured in rounds: what differs
// between two days is in the ratio, too. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ReportGateOptions {
  bool across_machines = false;  // times of different environments may be compared
};

// Judges the times of all common cells, or those that the policy names, and all their answers.
// `policy` is complete, or has no cells: then all common ones count. Quantiles go by their
// intervals over visits (Welch's t on the logarithms); a report whose cells were visited once
// decides nothing but "not slower" is INCONCLUSIVE at best. Rates have no interval in a report and
// are not judged. Returns INVALID_ARGUMENT where the reports have no common case, and where times
// are to be compared across environments.
absl::StatusOr<v1::Comparison> CompareReports(const v1::Policy& policy, const v1::Report& baseline,
                                              const v1::Report& candidate,
                                              const ReportGateOptions& options);

// What makes two environments the same for times: processor, cores, instruction set, memory
// allocator, and the libraries that compute. Names of what differs; empty: nothing.
std::vector<std::string> DifferencesOf(const v1::Environment& a, const v1::Environment& b);

}  // namespace normbench
