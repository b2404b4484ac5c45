// SPDX-License-Identifier: Apache-2.0
// The methods of service Benchmark about runs on request, but for Watch: one call each.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "normbench/v1/benchmark.grpc.pb.h"

namespace normbench {

// Each returns what the server says, or DEADLINE_EXCEEDED after half a minute. A connection that
// breaks is waited for, and the call made again: what that would do twice has a key (Submit), or
// nothing left to do.
class RunService {
 public:
  explicit RunService(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::Benchmark::NewStub(channel)) {}

  absl::StatusOr<v1::Run> Submit(const v1::SubmitRequest& request);
  absl::StatusOr<v1::Run> Get(const std::string& run_id);  // with its report, once it has ended
  absl::StatusOr<v1::ListResponse> List(const v1::ListRequest& request);
  absl::StatusOr<v1::Run> Cancel(const std::string& run_id);
  absl::Status Delete(const std::string& run_id);

 private:
  const std::unique_ptr<v1::Benchmark::Stub> stub_;
};

}  // namespace normbench
