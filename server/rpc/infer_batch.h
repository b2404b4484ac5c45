// SPDX-License-Identifier: Apache-2.0
// ModelInfer through the batcher of its model: how a request gets into it, and how a batch runs.
#pragma once

#include <functional>
#include <memory>

#include "server/exec/batcher.h"
#include "server/rpc/call.h"
#include "server/rpc/infer_job.h"

namespace normbench {

// The queue of one call: its work waits in `batcher` with what it may be joined by. `call` owns it.
class BatchedRequest final : public CallQueue {
 public:
  // `batcher` outlives it. REQUIRES: job->model->batching.
  BatchedRequest(Batcher& batcher, Call& call, std::shared_ptr<InferJob> job)
      : batcher_(batcher), call_(call), job_(std::move(job)) {}

  absl::StatusOr<JobId> Submit(Job job) override;
  bool Cancel(JobId id, const absl::Status& reason) override { return batcher_.Cancel(id, reason); }
  bool TryBeginInline() override { return false; }
  void EndInline() override {}

 private:
  Batcher& batcher_;
  Call& call_;
  std::shared_ptr<InferJob> job_;  // until it is submitted
};

// Runs a batch of what BatchedRequest has queued, and ends the calls in its order. Where it cannot
// run as one, since the model fails or an input is broken, each request runs alone: nobody's answer
// fails with a neighbour's.
// `computed` is called between running and answering.
void RunBatch(const InferShared& shared, Batch batch, const std::function<void()>& computed);

}  // namespace normbench
