// SPDX-License-Identifier: Apache-2.0
// The report of a run on request, from its plan to its end.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "bench/report/case.h"
#include "normbench/v1/runs.pb.h"
#include "server/history/history.h"

namespace normbench {

// A run as it is to be kept.
struct EndedRun {
  v1::Run run;
  std::optional<v1::Report> report = std::nullopt;
};

// Of a run that has started, in-process.
v1::Report NewRunReport(const v1::Run& run, const v1::Sweep& sweep);

// With every case as it is while it has no result.
v1::Report WithPlannedCases(v1::Report report, std::span<const Case> cases);

// The run ends in `state` with what the report has: judges it, for the run's exit code too.
void EndWithReport(const std::string& state, v1::Report* report, v1::Run* run);

// The run ends without a report, because of `why`.
void EndWithout(const std::string& state, const absl::Status& why, v1::Run* run);

// Results that are in the history as events are not kept once more.
void DropResults(v1::Report* report);

// The run ends in `state` with what the history has of it, because of `why`.
absl::StatusOr<EndedRun> EndAsKept(History& history, const std::string& run_id,
                                   const std::string& state, const absl::Status& why);

// Ends the runs that were under way when the server before this one was killed, with what it kept.
absl::Status RecoverRuns(History& history);

}  // namespace normbench
