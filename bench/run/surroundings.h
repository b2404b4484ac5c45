// SPDX-License-Identifier: Apache-2.0
// What a run takes place in: both machines, whether they are one, and the floor of the connection.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/report/expand.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Fills server (empty for a foreign V2 server), client and conditions of `report`, all but the
// steal. `allocator`: what KeepLargeBlocks() said. Returns what the server runs its implementations
// on where nothing else is asked for; the status of the server where it does not answer, or
// CANCELLED where stop() said so.
absl::StatusOr<ImplDevices> DescribeSurroundings(const std::shared_ptr<grpc::Channel>& channel,
                                                 const std::string& allocator,
                                                 const std::function<bool()>& stop,
                                                 v1::Report* report);

// The part of it that is about the server alone.
absl::StatusOr<ImplDevices> DescribeServer(const std::shared_ptr<grpc::Channel>& channel,
                                           v1::Environment* server);

// True if the server answers an empty call within two seconds.
bool IsAlive(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace normbench
