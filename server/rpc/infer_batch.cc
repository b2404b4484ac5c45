// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_batch.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "server/exec/guarded.h"
#include "server/rpc/infer_compute.h"

namespace normbench {
namespace {

class Request final : public BatchItem {
 public:
  Request(Call& call, std::shared_ptr<InferJob> infer, Job job)
      : call_(call), infer_(std::move(infer)), job_(std::move(job)) {}

  // The call's budget, which pays for what is held here, goes back in it.
  void Drop(const absl::Status& reason) override {
    infer_ = nullptr;
    job_.drop(reason);
  }

  // Returns its part of the batch; null if nobody waits for it any more.
  InferJob* Start() {
    call_.Start();
    infer_->times->queue = call_.queue_seconds();
    return call_.IsCancelled() ? nullptr : infer_.get();
  }

  // Ends the call, whose budget pays for what is held here.
  void End() {
    infer_ = nullptr;
    job_.run();
  }

 private:
  Call& call_;  // lives as long as job_
  std::shared_ptr<InferJob> infer_;
  Job job_;
};

// All that BatchedRequest puts into a batcher are such.
Request& AsRequest(BatchItem& item) {
  return static_cast<Request&>(item);
}

// Models are told apart by where they are: a request that waits keeps its own alive.
std::vector<int64_t> KindOf(const InferJob& job) {
  std::vector<int64_t> kind = {static_cast<int64_t>(reinterpret_cast<intptr_t>(job.model.get()))};
  for (const InferInput& input : job.plan.inputs) {
    kind.push_back(static_cast<int64_t>(input.shape.size()));
    kind.insert(kind.end(), input.shape.begin() + !input.shape.empty(), input.shape.end());
  }
  return kind;
}

Deadline TimeoutOf(const QueuePolicy& policy, std::chrono::microseconds asked) {
  std::chrono::microseconds timeout = policy.timeout;
  const bool is_shorter = timeout.count() == 0 || asked < timeout;
  if (policy.allows_shorter && asked.count() > 0 && is_shorter) timeout = asked;
  return timeout.count() == 0 ? Deadline::max() : Call::Clock::now() + timeout;
}

// A failure of several is nobody's yet: each one of them then runs alone and has its own.
void Compute(const InferShared& shared, const std::vector<InferJob*>& jobs) {
  if (jobs.empty()) return;
  const absl::Status status = Guarded([&] { return RunModel(shared, jobs); });
  for (InferJob* job : jobs) {
    if (!status.ok()) job->outputs.clear();
    if (status.ok() || jobs.size() == 1) job->ran = status;
  }
}

}  // namespace

absl::StatusOr<JobId> BatchedRequest::Submit(Job job) {
  const std::shared_ptr<const BatchRules>& rules = job_->model->batching;
  BatchEntry entry;
  entry.rules = rules;
  entry.kind = KindOf(*job_);
  entry.samples = job_->plan.batch;
  entry.level = rules->LevelOf(job_->plan.parameters.priority);
  entry.deadline = job.deadline;
  entry.timeout = TimeoutOf(rules->PolicyOf(entry.level), job_->plan.parameters.timeout);
  entry.delays = rules->PolicyOf(entry.level).delays;
  entry.cost_seconds = job.cost_seconds;
  entry.item = std::make_unique<Request>(call_, std::move(job_), std::move(job));
  return batcher_.Submit(std::move(entry));
}

void RunBatch(const InferShared& shared, Batch batch, const std::function<void()>& computed) {
  std::vector<InferJob*> jobs;
  for (const auto& item : batch) {
    InferJob* const job = AsRequest(*item).Start();
    if (job != nullptr) jobs.push_back(job);
  }
  Compute(shared, jobs);
  // Else each is still to run, in the batch's place.
  if (std::ranges::all_of(jobs, [](const InferJob* job) { return job->ran.has_value(); })) {
    computed();
  }
  for (auto& item : batch) {
    AsRequest(*item).End();
    item = nullptr;
  }
}

}  // namespace normbench
