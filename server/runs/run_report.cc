// SPDX-License-Identifier: Apache-2.0
#include "server/runs/run_report.h"

#include <utility>

#include "absl/time/clock.h"
#include "bench/report/case_key.h"
#include "bench/report/exit_code.h"
#include "bench/report/json.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

void End(const std::string& state, ExitCode code, v1::Run* run) {
  run->set_state(state);
  run->set_ended(FormatRunTime(absl::Now()));
  run->set_exit_code(static_cast<int32_t>(code));
}

ExitCode CodeOf(const std::string& state, const absl::Status& why) {
  if (state == "cancelled") return ExitCode::kInterrupted;
  const bool usage = absl::IsInvalidArgument(why) || absl::IsNotFound(why);
  return usage ? ExitCode::kUsage : ExitCode::kTransport;
}

}  // namespace

v1::Report NewRunReport(const v1::Run& run, const v1::Sweep& sweep) {
  v1::Report report;
  report.set_schema_version(kReportVersion);
  report.set_run_id(run.run_id());
  report.set_started(run.started());
  report.set_server_address(std::string(kInProcess));
  report.mutable_conditions()->set_transport(std::string(kInProcess));
  *report.mutable_sweep() = sweep;
  return report;
}

v1::Report WithPlannedCases(v1::Report report, std::span<const Case> cases) {
  for (const Case& c : cases) {
    v1::CaseResult& result = *report.add_cases();
    result = SkippedCase(c);
    result.set_rerun(RerunCommand(c.key, report.server_address()));
  }
  return report;
}

void EndWithReport(const std::string& state, v1::Report* report, v1::Run* run) {
  // The server let its watchers down, as one that is lost does a run over a connection.
  if (state == "interrupted" || state == "failed") report->set_outcome("server_lost");
  CollectWarnings(report);
  report->set_exit_code(static_cast<int32_t>(ExitCodeOf(*report)));
  End(state, static_cast<ExitCode>(report->exit_code()), run);
}

void EndWithout(const std::string& state, const absl::Status& why, v1::Run* run) {
  if (state == "failed") run->set_error(std::string(why.message()));
  End(state, CodeOf(state, why), run);
}

void DropResults(v1::Report* report) {
  for (v1::CaseResult& result : *report->mutable_cases()) {
    if (result.status() != "skipped") result.Clear();
  }
}

absl::StatusOr<EndedRun> EndAsKept(History& history, const std::string& run_id,
                                   const std::string& state, const absl::Status& why) {
  absl::StatusOr<v1::Run> run = history.Get(run_id, /*with_report=*/true);
  if (!run.ok()) return run.status();
  EndedRun ended = {.run = *std::move(run)};
  EndWithout(state, why, &ended.run);
  if (!ended.run.has_report()) return ended;
  ended.report = std::move(*ended.run.mutable_report());
  ended.run.clear_report();
  EndWithReport(state, &*ended.report, &ended.run);
  DropResults(&*ended.report);
  return ended;
}

absl::Status RecoverRuns(History& history) {
  const auto ids = history.IdsOf("running");
  if (!ids.ok()) return ids.status();
  for (const std::string& id : *ids) {
    const auto ended = EndAsKept(history, id, "interrupted", absl::OkStatus());
    if (!ended.ok()) return ended.status();
    const absl::Status status =
        history.Finish(ended->run, ended->report ? &*ended->report : nullptr);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace normbench
