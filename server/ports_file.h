// SPDX-License-Identifier: Apache-2.0
// Tells whoever started the server where it listens: {"grpc": "127.0.0.1:8001", "http": ...}. The
// file appears whole or not at all, so its presence says that the server is ready.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace normbench {

struct BoundAddresses {
  std::string grpc, http;  // HOST:PORT
};

// Replaces `path`. Returns FAILED_PRECONDITION naming it where it cannot be written.
absl::Status WritePortsFile(const std::string& path, const BoundAddresses& addresses);

}  // namespace normbench
