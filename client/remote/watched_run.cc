// SPDX-License-Identifier: Apache-2.0
#include "client/remote/watched_run.h"

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/case_key.h"
#include "bench/report/exit_code.h"
#include "bench/report/json.h"
#include "bench/report/warnings.h"
#include "bench/run/status.h"
#include "client/progress.h"
#include "client/remote/follow.h"
#include "client/remote/run_service.h"
#include "client/spectators.h"

namespace normbench {
namespace {

// What a run that is followed shows, and what is left of it if its server is lost.
class Audience {
 public:
  Audience(const v1::Run& run, const v1::Sweep& sweep, ClientMetrics& metrics)
      : progress_(std::cerr, ProgressOnTerminal()), spectators_(progress_, metrics) {
    progress_.Begin(run.visits(), run.planned_seconds());
    report_.set_schema_version(kReportVersion);
    report_.set_run_id(run.run_id());
    report_.set_started(run.started().empty() ? run.submitted() : run.started());
    report_.set_outcome("server_lost");
    report_.set_server_address(std::string(kInProcess));
    report_.mutable_conditions()->set_transport(std::string(kInProcess));
    *report_.mutable_sweep() = sweep;
  }

  void See(const v1::RunEvent& event) {
    switch (event.event_case()) {
      case v1::RunEvent::kQueued:
        progress_.Phase(absl::StrCat("queued, ", event.queued().position(), " before it"), 0);
        return;
      case v1::RunEvent::kCaseStarted:
        spectators_.Started(event.case_started().key(), event.case_started().planned_seconds());
        return;
      case v1::RunEvent::kProgress:
        spectators_.Phase(event.progress().phase(), event.progress().fraction());
        return;
      case v1::RunEvent::kCaseResult: {
        const v1::CaseResult& result = event.case_result();
        spectators_.Finished(Case{.key = result.key(), .spec = {}, .expect = {}}, result);
        *report_.add_cases() = result;
        return;
      }
      default:
        return;
    }
  }

  bool has_results() const { return report_.cases_size() > 0; }

  v1::Report Rest() {
    CollectWarnings(&report_);
    report_.set_exit_code(static_cast<int32_t>(ExitCodeOf(report_)));
    return std::move(report_);
  }

 private:
  Progress progress_;
  Spectators spectators_;
  v1::Report report_;
};

}  // namespace

absl::StatusOr<WatchedRun> WatchRun(const std::shared_ptr<grpc::Channel>& channel,
                                    const v1::Run& run, const WatchOptions& options,
                                    ClientMetrics& metrics) {
  Audience audience(run, options.sweep, metrics);
  absl::StatusOr<v1::Run> ended =
      Follow(channel, {.server = options.server,
                       .run_id = run.run_id(),
                       .patience_seconds = options.patience_seconds,
                       .stop = options.stop,
                       .on_event = [&](const v1::RunEvent& event) { audience.See(event); }});
  if (ended.ok()) ended = RunService(channel).Get(run.run_id());
  if (absl::IsCancelled(ended.status())) return ended.status();
  // Whatever went wrong, what was seen is kept.
  if (IsLost(ended.status()) || (!ended.ok() && audience.has_results())) {
    return WatchedRun{run, ended.status(), audience.Rest()};
  }
  if (!ended.ok()) return ended.status();
  WatchedRun watched{*std::move(ended), absl::OkStatus()};
  if (watched.run.has_report()) watched.report = std::move(*watched.run.mutable_report());
  watched.run.clear_report();
  return watched;
}

}  // namespace normbench
