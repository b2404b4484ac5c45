// SPDX-License-Identifier: Apache-2.0
// The size of the batch that a request of a model rode in, as normbench-server says on request: in
// the parameters of the answer, found without parsing it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "inference/grpc_service.pb.h"

namespace normbench {

// Other servers ignore what asks for it.
void AskForFormedBatch(inference::ModelInferRequest* request);

// One per slot: keeps its memory from answer to answer. Not thread-safe.
class FormedBatchReader {
 public:
  // Of a serialised ModelInferResponse; 0: it does not say.
  int Read(std::span<const std::byte> response);

 private:
  std::vector<std::span<const std::byte>> entries_;
  std::vector<std::span<const std::byte>> parts_;
  inference::InferParameter parameter_;
};

}  // namespace normbench
