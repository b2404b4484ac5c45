// SPDX-License-Identifier: Apache-2.0
// The edge's one mapping from absl::Status to what a client sees. The code depends on the contract
// that was called, because V2 clients retry UNAVAILABLE where normbench.v1 says RESOURCE_EXHAUSTED.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace normbench {

// Which .proto package a method belongs to.
enum class Contract { kNormbench, kInference };

inline constexpr size_t kMaxStatusMessage = 1024;  // bytes

// Returns `status` as `contract` words it: a full budget (RESOURCE_EXHAUSTED) is UNAVAILABLE on
// kInference. The message of an error is never empty, at most kMaxStatusMessage bytes and
// printable ASCII: part of it may be what a client sent, so every other byte is escaped (\\x0a).
grpc::Status ToGrpcStatus(const absl::Status& status, Contract contract);

}  // namespace normbench
