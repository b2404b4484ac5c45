// SPDX-License-Identifier: Apache-2.0
// gRPC's status as ours: the codes are the same canonical ones.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace normbench {

// Same code, same text in valid UTF-8; where the text of an error is empty, one that says
// something. INTERNAL for an answer that cannot be parsed, which gRPC calls UNIMPLEMENTED.
absl::Status ToAbsl(const grpc::Status& status);

// True if the status says that nobody answers any more: the server is gone, not the request wrong.
bool IsLost(const absl::Status& status);

}  // namespace normbench
