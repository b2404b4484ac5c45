// SPDX-License-Identifier: Apache-2.0
#include "client/session.h"

#include "absl/strings/str_cat.h"

namespace normbench {

void ExplainLoss(const UnaryTarget& target, LoopResult* loop) {
  if (loop->lost.ok() || !target.failing()) return;
  loop->lost = absl::Status(target.last_error().code(), loop->lost.message());
}

void ExplainErrors(const absl::Status& last_error, v1::CaseResult* result) {
  if (last_error.ok()) return;
  result->set_error(absl::StrCat(result->error(), result->error().empty() ? "" : "; ",
                                 "the latest failed request said: ", last_error.message()));
}

std::function<void(const LoopProgress&)> ShowLoop(const Session& session) {
  return [progress = session.progress](const LoopProgress& loop) {
    progress->Phase(loop.warming_up ? "warm-up" : "measure", loop.fraction);
  };
}

}  // namespace normbench
