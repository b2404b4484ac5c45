// SPDX-License-Identifier: Apache-2.0
#include "bench/run/session.h"

#include "absl/strings/str_cat.h"
#include "bench/report/summarize.h"
#include "bench/run/status.h"

namespace normbench {

CaseRun WithoutResult(const Case& c, const absl::Status& why, const Session& session) {
  if (absl::IsCancelled(why) && session.stop()) return {SkippedCase(c), false};
  return {FailedCase(c, why), IsLost(why)};
}

void ExplainLoss(const UnaryTarget& target, absl::Status* lost) {
  if (lost->ok() || !target.failing()) return;
  *lost = absl::Status(target.last_error().code(), lost->message());
}

void ExplainErrors(const absl::Status& last_error, v1::CaseResult* result) {
  if (last_error.ok()) return;
  result->set_error(absl::StrCat(result->error(), result->error().empty() ? "" : "; ",
                                 "the latest failed request said: ", last_error.message()));
}

Session Unobserved(const Session& session) {
  Session unobserved = session;
  unobserved.observe = nullptr;
  return unobserved;
}

std::function<void(const LoopProgress&)> ShowLoop(const Session& session) {
  return [watcher = session.watcher, observe = session.observe](const LoopProgress& loop) {
    watcher->Phase(loop.warming_up ? "warm-up" : "measure", loop.fraction);
    if (observe) observe(loop);
  };
}

}  // namespace normbench
