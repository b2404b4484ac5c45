// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/call.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/exec/guarded.h"

namespace normbench {
namespace {

// A client whose deadline passes resets the stream, and its clock and ours differ: the deadline
// travels rounded to 1 %, and timers fire up to some milliseconds apart.
Deadline ReachedAt(Deadline deadline, Call::Clock::time_point now) {
  if (deadline == Deadline::max()) return deadline;
  return deadline - std::chrono::milliseconds(10) - (deadline - now) / 100;
}

}  // namespace

std::shared_ptr<Call> Call::Create(Options options) {
  return std::shared_ptr<Call>(new Call(std::move(options)));
}

Call::Call(Options options)
    : options_(std::move(options)), deadline_reached_(ReachedAt(options_.deadline, started_)) {
  options_.rpc->in_flight->Increment();
}

std::optional<JobId> Call::Submit(Work work) {
  run_ = std::move(work.run);
  answer_bytes_ = work.answer_bytes;
  if (const absl::Status admitted = Admit(work); !admitted.ok()) {
    Drop(admitted);
    return std::nullopt;
  }
  submitted_ = Clock::now();
  BeginWaiting();
  if (work.may_run_inline && work.seconds < kInlineSeconds && options_.queue->TryBeginInline()) {
    RunJob();
    options_.queue->EndInline();
    return std::nullopt;
  }
  const std::shared_ptr<Call> self = shared_from_this();
  CallQueue& queue = work.queue != nullptr ? *work.queue : *options_.queue;
  const absl::StatusOr<JobId> id =
      queue.Submit({.run = [self] { self->RunJob(); },
                    .drop = [self](const absl::Status& reason) { self->Drop(reason); },
                    .deadline = options_.deadline,
                    .cost_seconds = work.seconds,
                    .exclusive = work.exclusive});
  if (!id.ok()) {
    Drop(id.status());
    return std::nullopt;
  }
  Remember(*id, std::move(work.queue));
  return *id;
}

absl::Status Call::Admit(const Work& work) {
  if (IsCancelled()) return CancelReason();
  std::string budget;
  // Exclusive work waits by design, for as long as its own short queue allows. And an estimate may
  // be wrong: it makes work wait for its turn, it never refuses it for good.
  const double seconds = std::min(work.seconds, options_.admission->options().cost_seconds);
  const JobCost cost = {.bytes = work.bytes, .seconds = work.exclusive ? 0 : seconds};
  absl::StatusOr<Admission::Ticket> ticket = options_.admission->Admit(cost, &budget);
  if (!ticket.ok()) {
    if (absl::IsResourceExhausted(ticket.status()))
      options_.metrics->rejections(budget).Increment();
    return ticket.status();
  }
  const absl::MutexLock lock(&mutex_);
  ticket_ = *std::move(ticket);
  return absl::OkStatus();
}

void Call::Remember(JobId id, std::shared_ptr<CallQueue> own_queue) {
  {
    const absl::MutexLock lock(&mutex_);
    own_queue_ = std::move(own_queue);
    job_ = id;
  }
  // A Cancel that came too early to see the id left this to us.
  if (IsCancelled()) Withdraw();
}

void Call::Withdraw() {
  std::optional<JobId> job;
  std::shared_ptr<CallQueue> own_queue;
  {
    const absl::MutexLock lock(&mutex_);
    job = job_;
    own_queue = own_queue_;
  }
  CallQueue& queue = own_queue != nullptr ? *own_queue : *options_.queue;
  if (job.has_value()) queue.Cancel(*job, CancelReason());
}

void Call::Start() {
  queue_seconds_ = SecondsSince(submitted_);
  options_.rpc->queue->Observe(queue_seconds_);
  has_started_ = true;
  EndWaiting();
}

void Call::BeginWaiting() {
  is_waiting_ = true;
  options_.metrics->queued_requests().Increment();
  if (waiting_ != nullptr) waiting_->Increment();
}

void Call::EndWaiting() {
  if (!std::exchange(is_waiting_, false)) return;
  options_.metrics->queued_requests().Decrement();
  if (waiting_ != nullptr) waiting_->Decrement();
}

void Call::RunJob() {
  if (!has_started_) Start();
  std::function<absl::Status(Call&)> run = std::exchange(run_, nullptr);
  const absl::Status status = IsCancelled() ? CancelReason() : Guarded([&] { return run(*this); });
  // What it holds is paid for from the budget, which Done may give back any time after Finish.
  run = nullptr;
  if (answer_bytes_.has_value()) {
    const absl::MutexLock lock(&mutex_);
    ticket_.ShrinkTo(*answer_bytes_);
  }
  Finish(status);
}

absl::Status Call::Hold(int64_t bytes) {
  absl::Status held;
  {
    const absl::MutexLock lock(&mutex_);
    held = ticket_.GrowTo(bytes);
  }
  if (absl::IsResourceExhausted(held)) {
    options_.metrics->rejections("bytes").Increment();
    refused_for_now_ = true;
  }
  return held;
}

void Call::Drop(const absl::Status& reason) {
  run_ = nullptr;
  // Admitted, but the queue was full, at once or when its batch was due, or its policy's time over.
  if (is_waiting_ && absl::IsResourceExhausted(reason)) {
    options_.metrics->rejections("queue").Increment();
  }
  EndWaiting();
  refused_for_now_ = absl::IsResourceExhausted(reason) || absl::IsUnavailable(reason);
  Finish(reason);
}

bool Call::Guard(const std::function<absl::Status()>& step) {
  const absl::Status status = Guarded(step);
  if (!status.ok()) {
    EndWaiting();  // a queue may have thrown instead of taking it
    Finish(status);
  }
  return status.ok();
}

void Call::Finish(const absl::Status& status) {
  if (finished_.exchange(true)) return;
  const grpc::Status sent =
      ToGrpcStatus(IsCancelled() ? CancelReason() : status, options_.contract);
  const auto code = static_cast<size_t>(sent.error_code());
  options_.rpc->requests[code]->Increment();
  if (also_count_ != nullptr) (*also_count_)[code]->Increment();
  const double seconds = SecondsSince(started_);
  options_.rpc->duration->Observe(seconds);
  if (told_ != nullptr) told_(sent.error_code(), seconds);
  options_.finish(sent);
}

void Call::Cancel() {
  if (Clock::now() >= deadline_reached_) deadline_passed_.store(true, std::memory_order_relaxed);
  cancelled_.store(true, std::memory_order_release);
  Withdraw();
}

void Call::Done() {
  {
    const absl::MutexLock lock(&mutex_);
    ticket_ = Admission::Ticket();
  }
  options_.rpc->in_flight->Decrement();
}

absl::Status Call::CancelReason() const {
  if (deadline_passed_.load(std::memory_order_relaxed)) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready");
  }
  return absl::CancelledError("the client cancelled the call");
}

}  // namespace normbench
