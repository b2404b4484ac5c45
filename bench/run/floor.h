// SPDX-License-Identifier: Apache-2.0
// What an empty call costs on this channel, now: the floor below which no latency of a case can be.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct Floor {
  std::vector<double> seconds;  // of ServerLive calls, one after the other, in order
  std::string peer;             // the server's address as gRPC sees it
};

// 200 calls, or as many as a second has room for, but one. Returns UNAVAILABLE if the server is
// gone, the status of the first failed call, or CANCELLED (stop() said so; it is polled before each
// call and several times a second).
absl::StatusOr<Floor> MeasureFloor(const std::shared_ptr<grpc::Channel>& channel,
                                   const std::function<bool()>& stop);

}  // namespace normbench
