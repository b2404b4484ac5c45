// SPDX-License-Identifier: Apache-2.0
// The flags of normbench-server, parsed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/options.h"

namespace normbench {

struct ServerCommandLine {
  ServerOptions options;
  std::string text;  // not empty for --help and --version: print it and end with 0
};

// Returns validated options, or INVALID_ARGUMENT with one sentence that names the flag; for an
// unknown flag also the nearest known one. `version` is what --version says.
absl::StatusOr<ServerCommandLine> ParseServerCommandLine(int argc, const char* const* argv,
                                                         const std::string& version);

}  // namespace normbench
