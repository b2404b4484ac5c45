// SPDX-License-Identifier: Apache-2.0
// A run of a server, watched to its end: where the connection is lost, or the server restarts, the
// watching goes on behind what was seen.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "normbench/v1/runs.pb.h"

namespace normbench {

struct FollowOptions {
  std::string server;  // host:port, to connect again
  std::string run_id;
  double patience_seconds = 30;  // without the server: it is lost
  std::function<bool()> stop;    // polled several times a second
  std::function<void(const v1::RunEvent&)> on_event;
};

// Returns the run as it ended, without its report; CANCELLED where stop() said so, UNAVAILABLE
// where the server is lost, else what it says: NOT_FOUND for a run that it does not know (any
// more).
absl::StatusOr<v1::Run> Follow(std::shared_ptr<grpc::Channel> channel,
                               const FollowOptions& options);

}  // namespace normbench
