// SPDX-License-Identifier: Apache-2.0
// What a run takes place in: both machines, whether they are one, and the floor of the connection.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/run.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Fills server (empty for a foreign V2 server), client and conditions of `report`, all but the
// steal. Returns the status of the server where it does not answer, or CANCELLED where
// context.stop() said so.
absl::Status DescribeSurroundings(const std::shared_ptr<grpc::Channel>& channel,
                                  const RunContext& context, v1::Report* report);

// True if the server answers an empty call within two seconds.
bool IsAlive(const std::shared_ptr<grpc::Channel>& channel);

// The server's own device, which it lists first: the name under which cases are kept. "auto" for a
// foreign server.
std::string DefaultDevice(const v1::Environment& server);

}  // namespace normbench
