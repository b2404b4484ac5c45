// SPDX-License-Identifier: Apache-2.0
// Does an answer depend on the batch that it happened to ride in? A share of the batches that were
// formed is kept, and run again in idle time, request by request; the counters say how many answers
// have the same bits.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/exec/buffer_pool.h"
#include "server/rpc/call.h"
#include "server/rpc/infer_job.h"

namespace normbench {

// A batch that has run, with all that it was made of.
struct AuditedBatch {
  ModelHandle model;
  const ModelMetrics* metrics = nullptr;
  std::vector<Buffer> memory;        // of `inputs`
  std::vector<TensorIn> inputs;      // of all requests, one behind the other
  std::vector<InferOutput> outputs;  // likewise; not made: none
  std::vector<int64_t> samples;      // of each request
};

// The answers that are the same, and that are not, when each request of `batch` runs alone; one
// that fails then is not. Runs on the calling thread, `between` before each request; ends early
// when that returns false. `buffers` is where memory comes from.
struct AuditResult {
  int64_t same = 0;
  int64_t different = 0;
};
AuditResult Audit(const AuditedBatch& batch, BufferPool& buffers,
                  const std::function<bool()>& before, const std::function<void()>& after);

// Thread-safe.
class BatchAudit {
 public:
  struct Options {
    double share = 0;            // of the batches, 0 to 1
    CallQueue* queue = nullptr;  // whose idle places are used
    std::shared_ptr<BufferPool> buffers;
    std::function<void()> thread_init;  // of the thread that computes; may be null
    size_t max_kept = 8;                // batches that wait for idle time; more are skipped
    int64_t max_kept_bytes = int64_t{64} << 20;  // of them, beside the budget of requests
  };

  // All pointers of `options` outlive it.
  explicit BatchAudit(Options options);
  ~BatchAudit();  // drops what waits
  BatchAudit(const BatchAudit&) = delete;
  BatchAudit& operator=(const BatchAudit&) = delete;

  // Whether the next batch, of `requests`, is one of the share and there is a place for it; counts
  // it as skipped if there is none. Ask once for each batch.
  bool Wants(const ModelMetrics& metrics, size_t requests);

  // Keeps `batch` for later, or counts it as skipped where no memory or place is left.
  void Keep(AuditedBatch batch);

 private:
  void Work();
  bool WaitForPlace();

  const Options options_;
  absl::Mutex mutex_;
  double due_ ABSL_GUARDED_BY(mutex_) = 0;  // batches; one is taken when it reaches 1
  std::deque<AuditedBatch> kept_ ABSL_GUARDED_BY(mutex_);
  int64_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace normbench
