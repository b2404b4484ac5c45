// SPDX-License-Identifier: Apache-2.0
// The machine and the program as they go into a report.
#pragma once

#include <map>
#include <string>

#include "bench/host/host.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {

// Version of protobuf is added. `libraries`: what only the program knows, for example {"grpc",
// "1.51.1"}; `allocator`: what KeepLargeBlocks() returned.
v1::Environment MakeEnvironment(const HostFacts& host,
                                const std::map<std::string, std::string>& libraries,
                                const std::string& allocator);

}  // namespace normbench
