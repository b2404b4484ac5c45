// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/call.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "tests/server/rpc/call_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;

TEST_F(CallTest, ACancellationAfterTheDeadlineIsTheDeadlines) {
  std::shared_ptr<Call> call =
      NewCall(Contract::kNormbench, Call::Clock::now() - std::chrono::seconds(1));
  call->Cancel();
  EXPECT_TRUE(call->IsCancelled());
  EXPECT_EQ(call->Submit(Work()), std::nullopt);
  call->Done();
  call.reset();
  ExpectEndedOnce(StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(CallTest, ACancellationLongBeforeTheDeadlineIsTheClients) {
  std::shared_ptr<Call> call =
      NewCall(Contract::kNormbench, Call::Clock::now() + std::chrono::hours(1));
  EXPECT_EQ(call->Submit(Work()), JobId{7});
  EXPECT_LT(queue_.job().deadline, Call::Clock::now() + std::chrono::hours(2));
  call->Cancel();
  call->Done();
  call.reset();
  ExpectEndedOnce(StatusCode::CANCELLED);
}

TEST_F(CallTest, TheBudgetComesBackWhenTheTransportIsDone) {
  std::shared_ptr<Call> call = NewCall();
  call->Submit(Work());
  queue_.Run();
  EXPECT_EQ(admission_.usage().bytes, 100) << "the answer is still being sent";
  EXPECT_EQ(metrics_.rpc("Normalize").in_flight->Value(), 1);
  call->Done();
  EXPECT_EQ(admission_.usage().bytes, 0);
  call.reset();
  ExpectEndedOnce(StatusCode::OK);
}

TEST_F(CallTest, WhatTheAnswerDoesNotHoldComesBackWhenTheWorkHasRun) {
  std::shared_ptr<Call> call = NewCall();
  Call::Work work = Work();
  work.answer_bytes = 30;
  call->Submit(std::exchange(work, {}));
  EXPECT_EQ(admission_.usage().bytes, 100);
  on_finish_ = [this] { EXPECT_EQ(admission_.usage().bytes, 30); };
  queue_.Run();
  EXPECT_EQ(admission_.usage().bytes, 30) << "the answer is still being sent";
  EXPECT_EQ(admission_.usage().slots, 1);
  call->Done();
  EXPECT_EQ(admission_.usage().bytes, 0);
  call.reset();
  ExpectEndedOnce(StatusCode::OK);
}

TEST_F(CallTest, AnAnswerThatTurnsOutLargeTakesItsShareOrIsRefused) {
  std::shared_ptr<Call> call = NewCall();
  const int64_t all = admission_.options().bytes;
  call->Submit({.run =
                    [this, all](Call& running) {
                      EXPECT_TRUE(running.Hold(50).ok()) << "more than that was admitted";
                      EXPECT_TRUE(running.Hold(150).ok());
                      EXPECT_TRUE(absl::IsInvalidArgument(running.Hold(all + 1)));
                      const auto other = admission_.Admit({.bytes = all - 150, .seconds = 0});
                      return running.Hold(151);
                    },
                .bytes = 100});
  on_finish_ = [this] {
    EXPECT_EQ(admission_.usage().bytes, 150);
    EXPECT_TRUE(call_.lock()->refused_for_now());
  };
  queue_.Run();
  call->Done();
  EXPECT_EQ(Rejected("bytes"), 1);
  call.reset();
  ExpectEndedOnce(StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(CallTest, ARefusedBudgetIsNamedAndCounted) {
  std::shared_ptr<Call> first = NewCall();
  first->Submit(Work());
  const Job queued = queue_.job();
  Call::Work big = Work();
  work_.reset();  // the first one's is still queued
  big.bytes = 200;
  std::shared_ptr<Call> second = NewCall();
  EXPECT_EQ(second->Submit(std::move(big)), std::nullopt);
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(sent_[0].error_message().find("bytes"), std::string::npos);
  EXPECT_EQ(Rejected("bytes"), 1);
  EXPECT_EQ(admission_.usage().bytes, 100);
  second->Done();
  first->Finish(absl::OkStatus());
  first->Done();
}

TEST_F(CallTest, WorkLargerThanTheBudgetIsNotARejection) {
  std::shared_ptr<Call> call = NewCall();
  Call::Work work = Work();
  work.bytes = 251;
  call->Submit(std::exchange(work, {}));
  call->Done();
  EXPECT_EQ(Rejected("bytes"), 0);
  call.reset();
  ExpectEndedOnce(StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallTest, AFullQueueIsCountedAndGivesTheBudgetBack) {
  queue_.refuse = absl::ResourceExhaustedError("queue: 1024 requests wait; allowed: 1024");
  std::shared_ptr<Call> call = NewCall();
  EXPECT_EQ(call->Submit(Work()), std::nullopt);
  EXPECT_EQ(Rejected("queue"), 1);
  call->Done();
  call.reset();
  ExpectEndedOnce(StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(CallTest, AQueueThatIsTooLongForTheDeadlineIsNoRejection) {
  queue_.refuse = absl::DeadlineExceededError("the queue is longer than the time left");
  std::shared_ptr<Call> call = NewCall();
  call->Submit(Work());
  call->Done();
  EXPECT_EQ(Rejected("queue"), 0);
  call.reset();
  ExpectEndedOnce(StatusCode::DEADLINE_EXCEEDED);
}

// What the trailer that asks to come back later goes by: not the code, which a model that is broken
// has as well.
TEST_F(CallTest, KnowsWhatIsRefusedForNow) {
  const auto refused = [&](const absl::Status& by_queue, const absl::Status& by_work) {
    queue_.refuse = by_queue;
    std::shared_ptr<Call> call = NewCall(Contract::kInference);
    call->Submit(Work(by_work));
    queue_.Run();
    call->Done();
    return call->refused_for_now();
  };
  const absl::Status ok;
  EXPECT_TRUE(refused(absl::ResourceExhaustedError("full"), ok));
  EXPECT_TRUE(refused(absl::UnavailableError("it has waited for too long"), ok));
  EXPECT_FALSE(refused(absl::DeadlineExceededError("too late"), ok));
  EXPECT_FALSE(refused(ok, absl::UnavailableError("the model failed to load")));
  EXPECT_FALSE(refused(ok, absl::ResourceExhaustedError("send a smaller one")));
  const absl::StatusOr<Admission::Ticket> all = admission_.Admit({.bytes = 250});
  EXPECT_TRUE(refused(ok, ok)) << "by the budget";
}

TEST_F(CallTest, AFullBudgetIsCountedAsWhatTheClientSees) {
  queue_.refuse = absl::ResourceExhaustedError("full");
  std::shared_ptr<Call> call = NewCall(Contract::kInference);
  call->Submit(Work());
  call->Done();
  call.reset();
  ExpectEndedOnce(StatusCode::UNAVAILABLE);
}

TEST_F(CallTest, LongOrLibraryWorkNeverRunsOnTheCallingThread) {
  queue_.inline_free = true;
  for (const bool allowed : {false, true}) {
    Call::Work work = Work();
    work.may_run_inline = allowed;
    work.seconds = allowed ? kInlineSeconds : 1e-9;
    std::shared_ptr<Call> call = NewCall();
    EXPECT_EQ(call->Submit(std::move(work)), JobId{7});
    EXPECT_EQ(queue_.begun, 0);
    queue_.Run();
    call->Done();
  }
}

TEST_F(CallTest, ShortWorkIsQueuedWhereTheCallingThreadMayNotRunIt) {
  Call::Work work = Work();
  work.may_run_inline = true;
  work.seconds = 1e-6;
  std::shared_ptr<Call> call = NewCall();
  EXPECT_EQ(call->Submit(std::move(work)), JobId{7});
  queue_.Run();
  call->Done();
  EXPECT_EQ(queue_.ended, 0);
}

// Nothing that was learned could ever put a wrong estimate right if it kept the work from running.
TEST_F(CallTest, AnEstimateOverTheWholeCostBudgetWaitsForItsTurn) {
  Call::Work work = Work();
  work.seconds = 1e9;
  std::shared_ptr<Call> call = NewCall();
  EXPECT_EQ(call->Submit(std::move(work)), JobId{7});
  EXPECT_EQ(admission_.usage().cost_seconds, admission_.options().cost_seconds);
  queue_.Run();
  call->Done();
}

TEST_F(CallTest, ExclusiveWorkTakesNoneOfTheCostBudget) {
  Call::Work work = Work();
  work.exclusive = true;
  work.seconds = 1e9;
  std::shared_ptr<Call> call = NewCall();
  EXPECT_EQ(call->Submit(std::move(work)), JobId{7});
  EXPECT_TRUE(queue_.job().exclusive);
  EXPECT_EQ(queue_.job().cost_seconds, 1e9);
  EXPECT_EQ(admission_.usage().cost_seconds, 0);
  queue_.Run();
  call->Done();
}

TEST_F(CallTest, ExceptionsEndTheCallNotTheProcess) {
  std::shared_ptr<Call> call = NewCall();
  call->Submit(Work(absl::OkStatus(), [](Call&) { throw std::bad_alloc(); }));
  queue_.Run();
  call->Done();
  call = NewCall();
  call->Submit(Work(absl::OkStatus(), [](Call&) { throw std::runtime_error("what happened"); }));
  queue_.Run();
  call->Done();
  call = NewCall();
  EXPECT_FALSE(call->Guard([]() -> absl::Status { throw std::bad_alloc(); }));
  call->Done();
  ASSERT_EQ(sent_.size(), 3u);
  EXPECT_EQ(sent_[0].error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(sent_[1].error_code(), StatusCode::INTERNAL);
  EXPECT_EQ(sent_[1].error_message(), "unexpected exception: what happened");
  EXPECT_EQ(sent_[2].error_code(), StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(CallTest, GuardPassesWhatGoesWell) {
  std::shared_ptr<Call> call = NewCall();
  EXPECT_TRUE(call->Guard([] { return absl::OkStatus(); }));
  EXPECT_TRUE(sent_.empty());
  EXPECT_FALSE(call->Guard([] { return absl::NotFoundError("no such thing"); }));
  EXPECT_FALSE(call->Guard([] { return absl::InternalError("second"); }));
  call->Finish(absl::OkStatus());
  call->Done();
  call.reset();
  ExpectEndedOnce(StatusCode::NOT_FOUND);
}

TEST_F(CallTest, CountsAlsoWhereItIsAsked) {
  CountersByCode counters;
  std::vector<prometheus::Counter> storage(kStatusCodes);
  for (int i = 0; i < kStatusCodes; ++i) counters[i] = &storage[i];
  std::shared_ptr<Call> call = NewCall();
  call->CountAlso(counters);
  call->Submit(Work(absl::InvalidArgumentError("variance[0]: -1; allowed: >= 0")));
  queue_.Run();
  call->Done();
  EXPECT_EQ(counters[StatusCode::INVALID_ARGUMENT]->Value(), 1);
  EXPECT_EQ(counters[StatusCode::OK]->Value(), 0);
}

TEST_F(CallTest, TellsHowItEndedBeforeTheClientHears) {
  std::vector<StatusCode> told;
  std::shared_ptr<Call> call = NewCall();
  call->OnEnd([&](StatusCode code, double seconds) {
    EXPECT_TRUE(sent_.empty());
    EXPECT_GE(seconds, 0);
    told.push_back(code);
  });
  call->Submit(Work());
  call->Cancel();
  queue_.Run();
  call->Finish(absl::OkStatus());
  call->Done();
  EXPECT_EQ(told, std::vector<StatusCode>{StatusCode::CANCELLED});
}

TEST_F(CallTest, ThreadsThatMeetEndEveryCallOnce) {
  constexpr int kCalls = 300;
  ExecutorOptions two_workers;
  two_workers.workers = 2;
  Executor executor(two_workers);
  ExecutorQueue queue(executor);
  std::atomic<int> finished{0};
  for (int i = 0; i < kCalls; ++i) {
    std::shared_ptr<Call> call = Call::Create({.queue = &queue,
                                               .admission = &admission_,
                                               .metrics = &metrics_,
                                               .rpc = &metrics_.rpc("Normalize"),
                                               .finish = [&](const grpc::Status&) { ++finished; }});
    // All three at once: the starter submits, a worker may run it, the client cancels.
    auto* both = new absl::Barrier(2);
    std::thread client([call, both] {
      if (both->Block()) delete both;
      call->Cancel();
    });
    if (both->Block()) delete both;
    call->Submit({.run = [](Call&) { return absl::OkStatus(); }, .bytes = 1, .seconds = 1e-6});
    client.join();
    while (finished.load() <= i) std::this_thread::yield();
    call->Done();
  }
  executor.Shutdown(std::chrono::milliseconds(0));
  EXPECT_EQ(finished.load(), kCalls);
  EXPECT_EQ(CountedInAll(), kCalls);
  EXPECT_EQ(Counted(StatusCode::OK) + Counted(StatusCode::CANCELLED), kCalls);
  EXPECT_EQ(admission_.usage().slots, 0);
}

}  // namespace
}  // namespace normbench
