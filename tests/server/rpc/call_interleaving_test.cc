// SPDX-License-Identifier: Apache-2.0
// Every cancellation against every end of the job against both ends of the transport.
#include <gtest/gtest.h>

#include <tuple>
#include <utility>

#include "tests/server/rpc/call_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;

// When the client cancels, against how the job ends, against when the transport is done.
enum CancelAt { kNever, kBeforeSubmit, kInSubmit, kQueued, kRunning, kInFinish, kAfterDone };
enum End { kRunInSubmit, kRunLater, kDeadlineInSubmit, kDeadlineLater, kShutdownLater, kInline };
enum DoneAt { kDoneInFinish, kDoneLater };

class CallInterleaving : public CallTest,
                         public ::testing::WithParamInterface<std::tuple<CancelAt, End, DoneAt>> {
 protected:
  void CancelIf(CancelAt point) {
    if (std::get<0>(GetParam()) == point) call_.lock()->Cancel();
  }

  void EndJob(bool in_submit) {
    const End end = std::get<1>(GetParam());
    if (end == (in_submit ? kRunInSubmit : kRunLater)) queue_.Run();
    if (end == (in_submit ? kDeadlineInSubmit : kDeadlineLater)) {
      queue_.Drop(absl::DeadlineExceededError("queued too long"));
    }
    if (!in_submit && end == kShutdownLater) queue_.Drop(absl::UnavailableError("shutting down"));
  }

  // What the client must be told.
  StatusCode Expected() {
    const auto [cancel, end, done] = GetParam();
    // Where the job has ended before the event could happen, the event is too late.
    const bool ended_in_submit = end == kRunInSubmit || end == kDeadlineInSubmit || end == kInline;
    const bool ran = end == kRunInSubmit || end == kRunLater || end == kInline;
    const bool cancelled = cancel == kBeforeSubmit || (cancel == kInSubmit && end != kInline) ||
                           (cancel == kQueued && !ended_in_submit) || (cancel == kRunning && ran);
    if (cancelled) return StatusCode::CANCELLED;
    if (ran) return StatusCode::OK;
    return end == kShutdownLater ? StatusCode::UNAVAILABLE : StatusCode::DEADLINE_EXCEEDED;
  }
};

TEST_P(CallInterleaving, EndsExactlyOnce) {
  const auto [cancel, end, done] = GetParam();
  std::shared_ptr<Call> call = NewCall();
  on_finish_ = [&, done = done] {
    CancelIf(kInFinish);
    EXPECT_LE(admission_.usage().bytes, 100);
    if (done == kDoneInFinish) call_.lock()->Done();
  };
  queue_.in_submit = [&] {
    CancelIf(kInSubmit);
    EndJob(true);
  };
  queue_.inline_free = end == kInline;
  CancelIf(kBeforeSubmit);
  Call::Work work = Work(absl::OkStatus(), [&](Call&) {
    EXPECT_EQ(admission_.usage().bytes, 100);
    CancelIf(kRunning);
  });
  work.may_run_inline = end == kInline;
  work.seconds = end == kInline ? 1e-6 : 1e-3;
  call->Submit(std::exchange(work, {}));
  CancelIf(kQueued);
  EndJob(false);
  if (done == kDoneLater) call->Done();
  CancelIf(kAfterDone);
  call.reset();
  ExpectEndedOnce(Expected());
  EXPECT_EQ(queue_.begun, queue_.ended);
  EXPECT_FALSE(queue_.Run()) << "nothing is left in the queue";
}

INSTANTIATE_TEST_SUITE_P(
    Orders, CallInterleaving,
    ::testing::Combine(::testing::Values(kNever, kBeforeSubmit, kInSubmit, kQueued, kRunning,
                                         kInFinish, kAfterDone),
                       ::testing::Values(kRunInSubmit, kRunLater, kDeadlineInSubmit, kDeadlineLater,
                                         kShutdownLater, kInline),
                       ::testing::Values(kDoneInFinish, kDoneLater)));

}  // namespace
}  // namespace normbench
