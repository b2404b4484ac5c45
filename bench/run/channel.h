// SPDX-License-Identifier: Apache-2.0
// The connection to a server: one channel without message size limits and without a proxy in
// between, given out only when the server answers.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct ConnectOptions {
  std::string address = "127.0.0.1:8001";  // host:port
  double timeout_seconds = 10;             // how long to try
};

// Not connected yet. REQUIRES: host:port.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address);

// Tries again and again until the server is connected and ready (ServerReady, where it has that).
// Returns UNAVAILABLE (what was tried, for how long, what to do), INVALID_ARGUMENT (no host:port)
// or CANCELLED (stop() said so; it is polled several times a second).
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ConnectOptions& options,
                                                       const std::function<bool()>& stop);

// `first` and others to the same server, `count` in all, each with a connection of its own, once
// they are connected. Returns UNAVAILABLE where one is not within ten seconds. REQUIRES: count
// >= 1.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> MoreChannels(
    const std::shared_ptr<grpc::Channel>& first, const std::string& address, int count);

// True if `peer`, as grpc::ClientContext::peer() gives it, is on this machine's loopback interface.
bool IsLoopback(const std::string& peer);

}  // namespace normbench
