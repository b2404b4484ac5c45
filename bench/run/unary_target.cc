// SPDX-License-Identifier: Apache-2.0
#include "bench/run/unary_target.h"

#include <thread>
#include <utility>

#include "bench/run/status.h"

namespace normbench {
namespace {

// Both clocks are CLOCK_MONOTONIC; giving gRPC its own type saves it the conversion by wall clock.
gpr_timespec ToTimespec(Clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return gpr_time_add(gpr_time_0(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(since.count(), GPR_TIMESPAN));
}

}  // namespace

UnaryTarget::UnaryTarget(Channels channels, UnaryTargetOptions options)
    : options_(std::move(options)), slots_(options_.slots) {
  for (auto& channel : channels) stubs_.emplace_back(std::move(channel));
}

UnaryTarget::~UnaryTarget() {
  for (Slot& slot : slots_) {
    if (slot.busy) slot.context->TryCancel();
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

void UnaryTarget::Send(int slot_number, int64_t input) {
  Slot& slot = slots_[slot_number];
  slot.call.reset();  // lives in memory of the call that the context holds
  slot.context.emplace();
  slot.context->set_deadline(gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_nanos(static_cast<int64_t>(options_.timeout_seconds * 1e9), GPR_TIMESPAN)));
  slot.answer.Clear();
  slot.busy = true;
  grpc::GenericStub& stub = stubs_[next_stub_++ % stubs_.size()];
  slot.call =
      stub.PrepareUnaryCall(&*slot.context, options_.method, options_.requests[input], &queue_);
  if (options_.stall_seconds > 0 && ++sent_ % 100 == 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(options_.stall_seconds));
  }
  slot.call->StartCall();
  slot.call->Finish(&slot.answer, &slot.status, &slot);
}

std::optional<Completion> UnaryTarget::Wait(Clock::time_point until) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, ToTimespec(until)) != grpc::CompletionQueue::GOT_EVENT) {
    return std::nullopt;
  }
  // Before the answer is gathered and read: that is this end's work, not the server's.
  const Clock::time_point time = Clock::now();
  return Finish(static_cast<int>(static_cast<Slot*>(tag) - slots_.data()), time);
}

Completion UnaryTarget::Finish(int slot_number, Clock::time_point time) {
  Slot& slot = slots_[slot_number];
  slot.busy = false;
  Completion completion{.slot = slot_number, .code = 0, .time = time, .payload = {}};
  if (!slot.status.ok()) return Fail(completion, ToAbsl(slot.status));
  if (peer_.empty()) peer_ = slot.context->peer();
  failing_ = false;
  if (options_.payload_field == 0) return completion;
  const auto payload = slot.reader.Read(slot.answer, options_.payload_field);
  if (!payload.ok()) return Fail(completion, payload.status());
  completion.payload = *payload;
  if (options_.formed_batch) {
    completion.formed_batch = slot.formed_batch.Read(slot.reader.message());
  }
  return completion;
}

Completion UnaryTarget::Fail(Completion completion, absl::Status why) {
  completion.code = static_cast<int>(why.code());
  last_error_ = std::move(why);
  failing_ = true;
  return completion;
}

}  // namespace normbench
