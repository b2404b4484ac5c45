// SPDX-License-Identifier: Apache-2.0
// The work of one ModelInfer call: gather the inputs once into aligned memory, run the model into
// memory that then leaves as slices, uncopied.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/exec/buffer_pool.h"
#include "server/repository/repository.h"
#include "server/rpc/call.h"
#include "server/rpc/cost_model.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/infer_statistics.h"
#include "server/rpc/served_model.h"

namespace normbench {

// A request on its way to a worker.
struct InferJob {
  ModelHandle model;  // until the job has ended
  const ServedModel* served = nullptr;
  RawMessage raw;  // what plan points into
  InferPlan plan;
  bool streamed = false;  // the answer says that it is the last one of its request
  // Filled in as it runs. Outlives the job, which is gone when its call ends.
  std::shared_ptr<InferTimes> times = std::make_shared<InferTimes>();
};

// Where jobs take memory from and leave what they learned. Both outlive every job.
struct InferShared {
  std::shared_ptr<BufferPool> buffers;
  CostModel& costs;
  int64_t max_output_bytes;  // of one output: those of open dimensions may come out of any size
};

// Runs `job` on the calling thread and leaves a ModelInferResponse in `response`. Returns what the
// model returns, also where it was refused memory for an output that is too large; INTERNAL where a
// model breaks its contract. Throws std::bad_alloc where there is
// no memory.
absl::Status RunInfer(const InferShared& shared, const InferJob& job, Call& call,
                      grpc::ByteBuffer& response);

}  // namespace normbench
