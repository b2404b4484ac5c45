// SPDX-License-Identifier: Apache-2.0
// The parameters of a ModelInfer request itself, not of its tensors.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/map.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/infer_statistics.h"

namespace normbench {

using InferParameters = google::protobuf::Map<std::string, inference::InferParameter>;

struct RequestParameters {
  uint64_t priority = 0;                 // `priority`; 0: none
  std::chrono::microseconds timeout{0};  // `timeout` in the queue, of the same unit; 0: none
  bool wants_times = false;              // `normbench_times`: the answer is to carry AddTimes()
};

// Returns INVALID_ARGUMENT naming the parameter, its value and what is allowed: for a wrong type or
// range, and for names that start as reserved ones do (triton_, normbench_) and are not known.
// Others are the client's own and ignored.
absl::StatusOr<RequestParameters> ReadRequestParameters(const InferParameters& parameters);

// Where the time of a request went, as parameters of its answer: normbench_queue_us, _input_us (the
// batch's tensors are gathered), _infer_us, _output_us (double_param, microseconds), and
// normbench_formed_batch (int64_param), the samples that the model ran on at once.
void AddTimes(const InferTimes& times, InferParameters& parameters);

}  // namespace normbench
