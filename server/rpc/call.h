// SPDX-License-Identifier: Apache-2.0
// One request from its handler to the end, without its transport. Whatever the order in which the
// handler returns, the client cancels, the deadline drops, a worker finishes and the server shuts
// down: the client gets exactly one answer, the metrics count it once, and the admitted budget
// comes back when gRPC has sent it.
//
// Owned by shared_ptr: the handler holds one while it starts, the queued job one until it has run
// or was dropped, the transport one until its OnDone.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/exec/admission.h"
#include "server/exec/executor.h"
#include "server/metrics/metrics.h"
#include "server/rpc/status.h"

namespace normbench {

// Where a call's work goes: the four methods of Executor that a call uses, so that a test can
// decide what happens when. Thread-safe.
class CallQueue {
 public:
  virtual ~CallQueue() = default;
  virtual absl::StatusOr<JobId> Submit(Job job) = 0;
  virtual bool Cancel(JobId id, const absl::Status& reason) = 0;
  virtual bool TryBeginInline() = 0;
  virtual void EndInline() = 0;
};

inline double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Work that takes longer than this is handed to a worker: the hand-off costs about as much.
inline constexpr double kInlineSeconds = 20e-6;

class Call : public std::enable_shared_from_this<Call> {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    CallQueue* queue = nullptr;
    Admission* admission = nullptr;
    ServerMetrics* metrics = nullptr;  // rejections
    const RpcMetrics* rpc = nullptr;   // of the method called
    Contract contract = Contract::kNormbench;
    Deadline deadline = Deadline::max();
    // Sends the answer. Called exactly once, on any thread; Done() may follow at any time after.
    std::function<void(const grpc::Status&)> finish;
  };

  struct Work {
    // On a worker, or on the calling thread (may_run_inline). The call ends with what it returns;
    // an exception ends it with RESOURCE_EXHAUSTED (std::bad_alloc) or INTERNAL. It is destroyed
    // before the answer is sent. It should look at IsCancelled() between steps.
    std::function<absl::Status(Call&)> run;
    int64_t bytes = 0;   // inputs, outputs and workspace, taken from the budget until Done()
    double seconds = 0;  // estimate
    // What its answer holds: so much is kept of `bytes` when `run` has ended, for a client that
    // stops reading. Nothing: all of it.
    std::optional<int64_t> answer_bytes = std::nullopt;
    bool exclusive = false;       // see Job; bounded by its own queue instead of the cost budget
    bool may_run_inline = false;  // REQUIRES: no ATen and nothing that blocks in `run`
    std::shared_ptr<CallQueue> queue = nullptr;  // where it waits instead of in the server's
  };

  // All pointers of `options` outlive the call.
  static std::shared_ptr<Call> Create(Options options);

  // Admits and queues `work`, or runs it here; ends the call if it is refused. At most once, by the
  // thread that handles the request. Returns the job's id if it was queued.
  std::optional<JobId> Submit(Work work);

  // Runs `step` and ends the call if it returns an error or throws. Returns whether it went well.
  bool Guard(const std::function<absl::Status()>& step);

  // Ends the call; only the first one counts. REQUIRES: no submitted work is left, except from
  // `run`, where returning the status is the better way.
  void Finish(const absl::Status& status);

  // The client went away or its deadline passed. Queued work is dropped, running work sees
  // IsCancelled(). Thread-safe, also against Submit.
  void Cancel();

  // The transport is through with this call: gives the budget back. After Finish.
  void Done();

  bool IsCancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // Why IsCancelled(): DEADLINE_EXCEEDED or CANCELLED. REQUIRES: IsCancelled().
  absl::Status CancelReason() const;

  // The work begins, before `run`: with that of others, as a batch. By the thread that runs it.
  void Start();

  // When the handler began.
  Clock::time_point started() const { return started_; }

  // When the work was admitted; nothing, if it was not. REQUIRES: called from `run`, what OnEnd
  // was given, or the handler.
  std::optional<Clock::time_point> submitted() const {
    return submitted_ == Clock::time_point() ? std::nullopt : std::optional(submitted_);
  }

  // From the handler: what the call ends with holds for now only.
  void RefuseForNow() { refused_for_now_ = true; }

  // Whether the call ends since a budget or queue was full, or it waited for too long: later it may
  // be different. REQUIRES: called from what Options::finish was given.
  bool refused_for_now() const { return refused_for_now_; }

  // From Submit to the start of the work. REQUIRES: called after it.
  double queue_seconds() const { return queue_seconds_; }

  // From `run`: until Done it holds so many bytes, where that is more than what was admitted.
  // Returns RESOURCE_EXHAUSTED where the budget has not so many left, INVALID_ARGUMENT where it
  // never has; that is to be what `run` returns.
  absl::Status Hold(int64_t bytes);

  // From `run` or the handler: the call's code counts here too (a norm's, a model's counters).
  void CountAlso(const CountersByCode& counters) { also_count_ = &counters; }

  // From the handler: `waiting` counts the call while its work is queued.
  void CountWaiting(prometheus::Gauge& waiting) { waiting_ = &waiting; }

  // From the handler: `told` hears the call's code and its seconds since the handler began, once,
  // before the answer is sent, so that a client that has its answer finds it in what is told.
  void OnEnd(std::function<void(grpc::StatusCode code, double seconds)> told) {
    told_ = std::move(told);
  }

  // From `run` or the handler: how long building the answer took.
  void RecordEncode(double seconds) { options_.rpc->encode->Observe(seconds); }

 private:
  explicit Call(Options options);

  absl::Status Admit(const Work& work);
  void RunJob();
  void Drop(const absl::Status& reason);
  void BeginWaiting();
  void EndWaiting();
  void Remember(JobId id, std::shared_ptr<CallQueue> own_queue);
  void Withdraw();

  const Options options_;
  const Clock::time_point started_ = Clock::now();
  const Clock::time_point deadline_reached_;  // a cancellation from then on is the deadline's
  std::atomic<bool> finished_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> deadline_passed_{false};  // written before cancelled_

  // Handed from the handler's thread to the job's by the queue, never shared.
  std::function<absl::Status(Call&)> run_;
  Clock::time_point submitted_;
  double queue_seconds_ = 0;
  bool has_started_ = false;
  bool refused_for_now_ = false;
  prometheus::Gauge* waiting_ = nullptr;
  bool is_waiting_ = false;
  const CountersByCode* also_count_ = nullptr;
  std::function<void(grpc::StatusCode, double)> told_;
  std::optional<int64_t> answer_bytes_;

  absl::Mutex mutex_;
  std::shared_ptr<CallQueue> own_queue_ ABSL_GUARDED_BY(mutex_);
  std::optional<JobId> job_ ABSL_GUARDED_BY(mutex_);
  Admission::Ticket ticket_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
