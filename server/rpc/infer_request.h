// SPDX-License-Identifier: Apache-2.0
// A ModelInfer request: decoded without copying its tensors, then checked against the model, so
// that what runs later can trust every number in it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/repository.h"
#include "server/rpc/codec.h"

namespace normbench {

// As received. Checked inputs point into it: it stays where it is while they are used.
struct InferMessage {
  inference::ModelInferRequest header;  // everything but raw_input_contents
  RawMessage raw;
};

// One input; exactly one of raw and typed holds its bytes.
struct InferInput {
  std::vector<int64_t> shape;
  size_t bytes = 0;
  BytesView raw;
  const inference::InferTensorContents* typed = nullptr;
};

struct InferPlan {
  std::vector<InferInput> inputs;  // in the order of the model's
  std::vector<int> outputs;        // which of the model's to answer with, in the caller's order
  int64_t batch = 1;
  int64_t elements = 0;  // of all inputs
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;  // of all outputs, as far as known before the run
};

// Returns INVALID_ARGUMENT for a malformed message, and for one with more than `max_header_bytes`
// beside its raw tensors.
absl::Status DecodeInfer(const grpc::ByteBuffer& buffer, size_t max_header_bytes,
                         InferMessage& message);

// Returns INVALID_ARGUMENT naming field, value and range; UNIMPLEMENTED for shared memory and
// classification. `message` outlives the plan.
absl::StatusOr<InferPlan> PlanInfer(const InferMessage& message, const ModelSpec& model);

}  // namespace normbench
