// SPDX-License-Identifier: Apache-2.0
#include "bench/run/kernel_case.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "bench/report/summarize.h"
#include "bench/run/measure.h"
#include "bench/run/status.h"

namespace normbench {
namespace {

// Of all visits together: enough for p90 and for the effective size to be smaller.
constexpr int kMinSamples = 60;
constexpr int kMinOfVisit = 6;  // for its median

v1::MeasureRequest RequestOf(const Case& c) {
  v1::MeasureRequest request;
  *request.mutable_norm_case() = std::get<v1::NormCase>(c.spec);
  request.mutable_budget()->set_warmup_seconds(c.warmup_seconds);
  request.mutable_budget()->set_seconds(c.seconds);
  request.mutable_budget()->set_min_samples(
      std::max(kMinOfVisit, (kMinSamples + c.visits - 1) / c.visits));
  return request;
}

void Show(const v1::MeasureResponse& event, RunWatcher* watcher) {
  if (event.has_queued()) {
    watcher->Phase(absl::StrCat("queued, ", event.queued().position(), " before it"), 0);
  } else {
    watcher->Phase(event.progress().phase(), event.progress().fraction());
  }
}

MeasureWatch WatchOf(const Session& session) {
  return {.stop = session.stop,
          .on_event = [watcher = session.watcher](
                          const v1::MeasureResponse& event) { Show(event, watcher); },
          .stall_seconds = session.patience_seconds};
}

CaseRun NotMeasured(const Case& c, const absl::Status& why, const Session& session) {
  if (absl::IsCancelled(why) && session.stop()) return {SkippedCase(c), false};
  return {FailedCase(c, why), IsLost(why)};
}

}  // namespace

CaseRun RunKernelCase(const Case& c, const Session& session) {
  const auto measured = Measure(session.channel, RequestOf(c), WatchOf(session));
  if (!measured.ok()) return NotMeasured(c, measured.status(), session);
  CaseRun run;
  run.result = SummarizeKernel(c, *measured, &run.kept);
  return run;
}

CaseRun RunInvarianceCase(const Case& c, const Session& session) {
  v1::CheckInvarianceRequest request;
  *request.mutable_invariance_case() = std::get<v1::InvarianceCase>(c.spec);
  const auto found = CheckInvariance(session.channel, request, WatchOf(session));
  if (!found.ok()) return NotMeasured(c, found.status(), session);
  return {SummarizeInvariance(c, *found), false};
}

}  // namespace normbench
