// SPDX-License-Identifier: Apache-2.0
// A call without a transport. Every order of events is made by hand on one thread: the queue below
// runs or drops its job, and the transport is done, exactly where a test says so, even inside the
// call that leads there.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/service_context.h"

namespace normbench {

class ScriptedQueue : public CallQueue {
 public:
  absl::StatusOr<JobId> Submit(Job job) override {
    if (!refuse.ok()) return refuse;
    job_ = std::move(job);
    in_submit();
    return JobId{7};
  }
  bool Cancel(JobId id, const absl::Status& reason) override {
    EXPECT_EQ(id, 7u);
    return Drop(reason);
  }
  bool TryBeginInline() override {
    begun += inline_free ? 1 : 0;
    return inline_free;
  }
  void EndInline() override { ++ended; }

  bool Drop(const absl::Status& reason) {
    if (job_.drop == nullptr) return false;
    const Job job = std::exchange(job_, {});
    job.drop(reason);
    return true;
  }
  bool Run() {
    if (job_.run == nullptr) return false;
    const Job job = std::exchange(job_, {});
    job.run();
    return true;
  }
  const Job& job() const { return job_; }

  std::function<void()> in_submit = [] {};
  absl::Status refuse;
  bool inline_free = false;
  int begun = 0, ended = 0;

 private:
  Job job_;
};

class CallTest : public ::testing::Test {
 protected:
  std::shared_ptr<Call> NewCall(Contract contract = Contract::kNormbench,
                                Deadline deadline = Deadline::max()) {
    std::shared_ptr<Call> call = Call::Create({.queue = &queue_,
                                               .admission = &admission_,
                                               .metrics = &metrics_,
                                               .rpc = &metrics_.rpc("Normalize"),
                                               .contract = contract,
                                               .deadline = deadline,
                                               .finish = [this](const grpc::Status& status) {
                                                 sent_.push_back(status);
                                                 EXPECT_TRUE(work_.expired());
                                                 on_finish_();
                                               }});
    call_ = call;
    return call;
  }

  // Work of 100 bytes that returns `status`; `running` is called from it.
  Call::Work Work(
      absl::Status status = absl::OkStatus(), std::function<void(Call&)> running = [](Call&) {}) {
    const auto token = std::make_shared<int>();
    work_ = token;
    return {.run =
                [token, status, running](Call& call) {
                  running(call);
                  return status;
                },
            .bytes = 100,
            .seconds = 1e-3};
  }

  double Counted(grpc::StatusCode code) {
    return metrics_.rpc("Normalize").requests[code]->Value();
  }
  double CountedInAll() {
    double sum = 0;
    for (const prometheus::Counter* counter : metrics_.rpc("Normalize").requests) {
      sum += counter->Value();
    }
    return sum;
  }
  double Rejected(const char* budget) { return metrics_.rejections(budget).Value(); }

  // After Done and with the test's own reference gone.
  void ExpectEndedOnce(grpc::StatusCode code) {
    ASSERT_EQ(sent_.size(), 1u);
    EXPECT_EQ(sent_[0].error_code(), code) << sent_[0].error_message();
    EXPECT_EQ(Counted(code), 1);
    EXPECT_EQ(CountedInAll(), 1);
    EXPECT_EQ(metrics_.rpc("Normalize").in_flight->Value(), 0);
    EXPECT_EQ(admission_.usage().slots, 0);
    EXPECT_EQ(admission_.usage().bytes, 0);
    EXPECT_TRUE(call_.expired());
    EXPECT_TRUE(work_.expired());
  }

  ScriptedQueue queue_;
  Admission admission_{{.slots = 2, .bytes = 250}};
  ServerMetrics metrics_{
      {.rpcs = {"Normalize"}, .impls = {}, .devices = {}, .version = "", .sha = "", .torch = ""}};
  std::vector<grpc::Status> sent_;
  std::function<void()> on_finish_ = [] {};
  std::weak_ptr<Call> call_;
  std::weak_ptr<int> work_;
};

}  // namespace normbench
