// SPDX-License-Identifier: Apache-2.0
// What an empty call costs on this channel, now: the floor below which no latency of a case can be.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct Floor {
  std::vector<double> seconds;  // of 200 ServerLive calls, one after the other, in order
  std::string peer;             // the server's address as gRPC sees it
};

// Returns UNAVAILABLE if the server is gone, or the status of the first failed call.
absl::StatusOr<Floor> MeasureFloor(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace normbench
