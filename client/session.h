// SPDX-License-Identifier: Apache-2.0
// What every case of a run needs of the run it belongs to.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "bench/load/closed_loop.h"
#include "client/progress.h"
#include "client/unary_target.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct Session {
  std::shared_ptr<grpc::Channel> channel;
  std::function<bool()> stop;    // polled several times a second
  Progress* progress = nullptr;  // outlives the session
};

// A measured case, and whether nobody seems to answer any more. The run then asks once more before
// it gives up.
struct CaseRun {
  v1::CaseResult result;
  bool lost = false;
};

// After a loop over `target`: a target that was given up because every request failed gets the
// status of the latest failure, so that a wrong request does not look like a lost server.
void ExplainLoss(const UnaryTarget& target, LoopResult* loop);

// Adds what the latest failed request said, if any failed: codes alone help nobody.
void ExplainErrors(const absl::Status& last_error, v1::CaseResult* result);

// Shows what the closed loop does.
std::function<void(const LoopProgress&)> ShowLoop(const Session& session);

}  // namespace normbench
