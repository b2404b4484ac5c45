// SPDX-License-Identifier: Apache-2.0
// What every case of a run needs of the run it belongs to.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/closed_loop.h"
#include "bench/report/case.h"
#include "bench/report/find_max.h"
#include "bench/report/visits.h"
#include "bench/run/run_watcher.h"
#include "bench/run/unary_target.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Longest silence that is still work: another client may have the device for two minutes.
inline constexpr double kPatienceSeconds = 180;

struct Session {
  std::shared_ptr<grpc::Channel> channel;
  // So many connections to the server, `channel` the first of them, once they are there. Returns
  // UNAVAILABLE where they are not.
  std::function<absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>>(int count)> channels;
  std::function<bool()> stop;                      // polled several times a second
  RunWatcher* watcher = nullptr;                   // outlives the session
  std::optional<MaxGoal> find_max = std::nullopt;  // service and model cases at this rate
  double find_max_seconds = 0;                     // the search ends then; 0: when it is over
  bool list_wrong = false;                         // fills ModelAccuracy.wrong
  double stall_seconds = 0;                        // a fault on purpose, see UnaryTargetOptions
  double patience_seconds = kPatienceSeconds;      // a server that is silent for so long is lost
  // Gets what the loops say of themselves, for metrics; may be null.
  std::function<void(const LoopProgress&)> observe = nullptr;
  // Highest rates that closed loops reached, by the key of the loop: found once in a run.
  std::shared_ptr<std::map<std::string, double>> maxima =
      std::make_shared<std::map<std::string, double>>();
};

// A visit to a case, and whether nobody may answer any more: lost, or its latest request failed.
// The run then asks once more before it gives up.
struct CaseRun {
  v1::CaseResult result;
  bool lost = false;
  Kept kept = {};
};

// The result of a case that gave none, because of `why`: skipped where the user stopped it, else
// failed.
CaseRun WithoutResult(const Case& c, const absl::Status& why, const Session& session);

// After a loop over `target`: a target that was given up because every request failed gets the
// status of the latest failure, so that a wrong request does not look like a lost server.
void ExplainLoss(const UnaryTarget& target, absl::Status* lost);

// Adds what the latest failed request said, if any failed: codes alone help nobody.
void ExplainErrors(const absl::Status& last_error, v1::CaseResult* result);

// The same session for loops whose requests are not those of the case: without observe.
Session Unobserved(const Session& session);

// Shows what the loop does.
std::function<void(const LoopProgress&)> ShowLoop(const Session& session);

}  // namespace normbench
