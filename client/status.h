// SPDX-License-Identifier: Apache-2.0
// gRPC's status as ours: the codes are the same canonical ones.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace normbench {

absl::Status ToAbsl(const grpc::Status& status);

// "NOT_FOUND: no such model". For people.
std::string Describe(const absl::Status& status);

// True if the status says that nobody answers any more: the server is gone, not the request wrong.
bool IsLost(const absl::Status& status);

}  // namespace normbench
