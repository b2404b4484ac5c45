// SPDX-License-Identifier: Apache-2.0
// The least that can drive a gRPC server with fixed concurrency: one generic stub, one completion
// queue, one thread, the same bytes again and again. What any client is measured against.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"

namespace normbench {

struct StubLoopOptions {
  std::string method = "/normbench.v1.Normalization/Normalize";
  int in_flight = 1;
  double seconds = 2;
  double warmup_seconds = 0.2;
};

struct StubLoopResult {
  double calls_per_s = 0;
  std::vector<double> latencies;    // seconds, in order of completion
  double cpu_seconds_per_call = 0;  // of this process, warm-up included
};

// Returns the first failed call's status, if any fails.
absl::StatusOr<StubLoopResult> RunStubLoop(const std::shared_ptr<grpc::Channel>& channel,
                                           const grpc::ByteBuffer& request,
                                           const StubLoopOptions& options);

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address);

}  // namespace normbench
