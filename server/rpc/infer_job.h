// SPDX-License-Identifier: Apache-2.0
// The work of one ModelInfer call: the model's part, unless it ran in a batch, and the answer,
// whose tensors leave as slices, uncopied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/exec/buffer_pool.h"
#include "server/repository/repository.h"
#include "server/rpc/call.h"
#include "server/rpc/cost_model.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/infer_statistics.h"
#include "server/rpc/served_model.h"
#include "server/trace/request_trace.h"

namespace normbench {

// What the model wrote.
struct InferOutput {
  bool made = false;
  std::vector<int64_t> shape;
  size_t bytes = 0;
  Buffer buffer;
};

// A request on its way to a worker.
struct InferJob {
  ModelHandle model;  // until the job has ended
  const ServedModel* served = nullptr;
  RawMessage raw;  // what plan points into
  InferPlan plan;
  bool streamed = false;  // the answer says that it is the last one of its request
  // Filled in as it runs. Outlives the job, which is gone when its call ends.
  std::shared_ptr<InferTimes> times = std::make_shared<InferTimes>();
  std::shared_ptr<RequestTrace> trace;  // null: it is not traced
  Call::Clock::time_point computed;     // when the model had answered
  std::optional<absl::Status> ran;      // what RunModel returned; nothing: it is still to run
  std::vector<InferOutput> outputs;     // by the model's index
};

class BatchAudit;

// Where jobs take memory from and leave what they learned. All of it outlives every job.
struct InferShared {
  std::shared_ptr<BufferPool> buffers;
  CostModel& costs;
  int64_t max_output_bytes;     // of one output: those of open dimensions may come out of any size
  BatchAudit* audit = nullptr;  // gets some of the batches of several
};

// Runs `job` on the calling thread, unless it has run in a batch, and leaves a
// ModelInferResponse in `response`. Returns what RunModel returns; INTERNAL where the model left
// out an output. Throws std::bad_alloc where there is no memory.
absl::Status RunInfer(const InferShared& shared, InferJob& job, Call& call,
                      grpc::ByteBuffer& response);

}  // namespace normbench
