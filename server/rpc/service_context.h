// SPDX-License-Identifier: Apache-2.0
// What every service shares. Built once by the composition root, which keeps all of it alive longer
// than the gRPC server.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "bench/host/cache_size.h"
#include "server/exec/admission.h"
#include "server/exec/buffer_pool.h"
#include "server/exec/executor.h"
#include "server/metrics/metrics.h"
#include "server/rpc/authorize.h"
#include "server/rpc/call.h"
#include "server/rpc/cost_model.h"
#include "server/rpc/status.h"

namespace normbench {

// The executor as calls see it.
class ExecutorQueue : public CallQueue {
 public:
  explicit ExecutorQueue(Executor& executor) : executor_(executor) {}
  absl::StatusOr<JobId> Submit(Job job) override { return executor_.Submit(std::move(job)); }
  bool Cancel(JobId id, const absl::Status& reason) override {
    return executor_.Cancel(id, reason);
  }
  bool TryBeginInline() override { return executor_.TryBeginInline(); }
  void EndInline() override { executor_.EndInline(); }

 private:
  Executor& executor_;
};

struct ServiceLimits {
  int64_t max_tensor_bytes = int64_t{1}
                             << 30;  // of one tensor; a protobuf message ends at 2^31 - 1
  int64_t max_header_bytes = int64_t{1} << 20;  // of everything in a message but its tensors
  // Of elements x max_samples x (warmup_seconds + seconds) of one measurement.
  double max_measure_work = 1e13;
  double max_invariance_elements = 2e10;           // of all batches of one comparison
  size_t max_queued = 1024;                        // requests of one model that wait for a batch
  int max_threads = 1;                             // intra-op threads a measurement may ask for
  int64_t cold_bytes = 2 * LastLevelCacheBytes();  // used before a cold measurement reuses memory
  int64_t cold_bytes_cuda = int64_t{256} << 20;  // the same on a GPU: twice the largest L2 there is
};

// Thread-safe: all parts are.
struct ServiceContext {
  Executor& executor;
  CallQueue& queue;  // ExecutorQueue over `executor`
  Admission& admission;
  std::shared_ptr<BufferPool> buffers;
  ServerMetrics& metrics;
  Authorizer& authorizer;
  CostModel& costs;
  ServiceLimits limits;
};

// One method as its service registered it; made once, when the service is built.
struct Rpc {
  const RpcMetrics& metrics;
  Contract contract;
  Access access;
  Admission* admission = nullptr;  // that its calls are admitted by; null: the server's
};

}  // namespace normbench
