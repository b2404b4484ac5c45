// SPDX-License-Identifier: Apache-2.0
// Two kept reports -> a comparison. Weaker than one that was measured in rounds: what differs
// between two days is in the ratio, too. Pure.
#pragma once

#include "absl/status/statusor.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ReportGateOptions {
  bool across_machines = false;  // times of different environments may be compared
};

// What both are, without a verdict.
v1::Comparison NewReportComparison(const v1::Policy& policy, const v1::Report& baseline,
                                   const v1::Report& candidate);

// Judges the answers of all common cells, or those that the policy names, and their times
// (kept_times.h). `policy` is complete, or has no cells: then all common ones count, what only the
// baseline has is a note, and so is that rates are left out, of which reports have no interval;
// where a policy names them they stay open. A cell of the policy is the case with that key, on any
// device where it names none. Never REGRESSED: a report is of one server process. Where the
// candidate failed a case, the outcome is arm_failed. Times of different environments
// (environment_change.h) are not judged unless options say so: INVALID_ARGUMENT, but a note where
// answers became worse. INVALID_ARGUMENT, too, where the reports have no common case or not all
// that the policy names, and for other metrics.
absl::StatusOr<v1::Comparison> CompareReports(const v1::Policy& policy, const v1::Report& baseline,
                                              const v1::Report& candidate,
                                              const ReportGateOptions& options);

}  // namespace normbench
