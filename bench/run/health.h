// SPDX-License-Identifier: Apache-2.0
// Waiting for a server by its own word: grpc.health.v1 Watch, so that the moment it is ready is the
// moment that is noticed.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>

#include "absl/status/status.h"

namespace normbench {

// Returns when the server says that it serves. UNIMPLEMENTED where it has no such service,
// UNAVAILABLE after `timeout_seconds`, CANCELLED where stop() said so (it is polled ten times a
// second), and what process() says where that is not OK: the process that is waited for has ended.
absl::Status AwaitServing(const std::shared_ptr<grpc::Channel>& channel, double timeout_seconds,
                          const std::function<bool()>& stop,
                          const std::function<absl::Status()>& process);

}  // namespace normbench
