// SPDX-License-Identifier: Apache-2.0
// A ModelInfer request: decoded without copying its tensors, then checked against the model, so
// that what runs later can trust every number in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/repository.h"
#include "server/rpc/codec.h"
#include "server/rpc/infer_parameters.h"
#include "server/rpc/infer_shared.h"

namespace normbench {

// As received.
struct InferMessage {
  inference::ModelInferRequest header;  // everything but raw_input_contents
  RawMessage raw;
};

// One input; its bytes are in shared memory where that has a region, else in typed where that is
// given, else in raw.
struct InferInput {
  std::string field;  // how messages call it
  std::vector<int64_t> shape;
  int64_t elements = 0;
  size_t bytes = 0;
  SharedPlace shared;
  BytesView raw;
  std::optional<inference::InferTensorContents> typed;
};

// Needs nothing of the header any more: queued requests hold only memory that was admitted, not
// whatever else a caller put into a message.
struct InferPlan {
  std::string id;
  RequestParameters parameters;
  std::vector<InferInput> inputs;  // in the order of the model's
  std::vector<int> outputs;        // which of the model's to answer with, in the caller's order
  // For each of outputs: with how many of its largest values to answer; 0: with the tensor.
  std::vector<int64_t> classes;
  std::vector<SharedPlace> shared;  // where each of outputs is to be left
  int64_t batch = 1;
  int64_t elements = 0;  // of all inputs
  int64_t input_bytes = 0;
  // Of all outputs, texts of classes included; one of unknown shape is taken to be as large as all
  // inputs.
  int64_t output_bytes = 0;
  int64_t held_bytes = 0;  // of the plan itself while it waits
};

// Returns INVALID_ARGUMENT for a malformed message, and for one with more than `max_header_bytes`
// beside its raw tensors or more than kMaxModelTensors inputs or outputs.
absl::Status DecodeInfer(const grpc::ByteBuffer& buffer, size_t max_header_bytes,
                         InferMessage& message);

// Returns INVALID_ARGUMENT naming field, value and range; UNIMPLEMENTED for shared memory where
// `regions` is null: not offered. Takes what it needs out of message.header; message.raw outlives
// the plan.
absl::StatusOr<InferPlan> PlanInfer(InferMessage& message, const ModelSpec& model,
                                    const Regions* regions = nullptr);

}  // namespace normbench
