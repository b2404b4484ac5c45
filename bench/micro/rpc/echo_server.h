// SPDX-License-Identifier: Apache-2.0
// The peer: a bare callback server that answers Normalize with the request's own bytes.
#pragma once

#include <string>

namespace normbench {

// Serves on a free loopback port, writes {"grpc": "127.0.0.1:PORT"} to `ports_file` when ready, and
// returns at SIGTERM. Returns the process exit code.
int RunEchoServer(const std::string& ports_file);

}  // namespace normbench
