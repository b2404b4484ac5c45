// SPDX-License-Identifier: Apache-2.0
// Requests that wait for a worker, over the service: the first one holds the only worker at a gate.
#include "server/rpc/infer_batch.h"

#include <deque>
#include <thread>

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Code = grpc::StatusCode;

constexpr const char* kBatching =
    "dynamic_batching { priority_levels: 3 default_priority_level: 3 "
    "default_queue_policy { allow_timeout_override: true max_queue_size: 4 } "
    "priority_queue_policy { key: 1 value { default_timeout_microseconds: 2000 } } }";

class InferBatchTest : public InferenceFixture {
 protected:
  struct Asked {
    grpc::ClientContext context;
    inference::ModelInferRequest request;
    inference::ModelInferResponse response;
    grpc::Status status;
    absl::Notification answered;
  };

  InferBatchTest() {
    AddModel("batched", Tensors("gate", 8, "FP32", "dims: -1") + kBatching);
    AddModel("patient", Tensors("gate", 8, "FP32", "dims: 3") +
                            "dynamic_batching { max_queue_delay_microseconds: 3600000000 }");
    for (const std::string name : {"batched", "patient"}) {
      EXPECT_TRUE(repository_->LoadModel(name).ok());
    }
  }

  // A request of one sample, all of whose `width` values are `value`.
  static inference::ModelInferRequest Sample(float value, int64_t width = 3) {
    inference::ModelInferRequest request = Request("batched", {1, width});
    request.set_raw_input_contents(0, Bytes(std::vector<float>(static_cast<size_t>(width), value)));
    return request;
  }

  static void SetParameter(inference::ModelInferRequest& request, const std::string& name,
                           int64_t value) {
    (*request.mutable_parameters())[name].set_int64_param(value);
  }

  Asked& Ask(const inference::ModelInferRequest& request) {
    Asked& asked = asked_.emplace_back();
    asked.request = request;
    Send(asked);
    return asked;
  }

  void Send(Asked& asked) {
    stub_->async()->ModelInfer(&asked.context, &asked.request, &asked.response,
                               [&asked](grpc::Status status) {
                                 asked.status = std::move(status);
                                 asked.answered.Notify();
                               });
  }

  // Holds the worker with a request of its own.
  Asked& Hold() {
    Asked& first = Ask(Sample(0));
    gate_.entered.WaitForNotification();
    return first;
  }

  void AwaitWaiting(double count) {
    while (metrics_.model("batched", 1).v2.pending()->Value() != count) std::this_thread::yield();
  }

  void OpenAndAwaitAll() {
    gate_.open.Notify();
    for (Asked& asked : asked_) asked.answered.WaitForNotification();
  }

  std::deque<Asked> asked_;
};

TEST_F(InferBatchTest, RequestsThatWaitRunAsOneAndEachGetsItsOwn) {
  Hold();
  for (const float value : {1.f, 2.f, 3.f}) Ask(Sample(value));
  AwaitWaiting(3);
  OpenAndAwaitAll();
  ASSERT_THAT(gate_.batches, SizeIs(2));
  EXPECT_THAT(gate_.batches[1], testing::UnorderedElementsAre(1, 2, 3));
  float value = 0;
  for (Asked& asked : asked_) {
    EXPECT_TRUE(asked.status.ok());
    EXPECT_EQ(asked.response.raw_output_contents(0), Bytes({value, value, value}));
    EXPECT_THAT(asked.response.outputs(0).shape(), ElementsAre(1, 3));
    ++value;
  }
}

TEST_F(InferBatchTest, StatisticsTellRequestsFromExecutions) {
  Hold();
  for (const float value : {1.f, 2.f, 3.f}) Ask(Sample(value));
  AwaitWaiting(3);
  OpenAndAwaitAll();
  grpc::ClientContext context;
  inference::ModelStatisticsRequest request;
  request.set_name("batched");
  inference::ModelStatisticsResponse response;
  ASSERT_TRUE(stub_->ModelStatistics(&context, request, &response).ok());
  const auto& statistics = response.model_stats(0);
  EXPECT_EQ(statistics.inference_count(), 4u);
  EXPECT_EQ(statistics.execution_count(), 2u);
  ASSERT_EQ(statistics.batch_stats_size(), 2);
  EXPECT_EQ(statistics.batch_stats(1).batch_size(), 3u);
  EXPECT_GT(statistics.inference_stats().queue().ns(), 0u);
}

TEST_F(InferBatchTest, OtherShapesAreNeverJoined) {
  Hold();
  Ask(Sample(1, 3));
  AwaitWaiting(1);
  Ask(Sample(2, 4));
  AwaitWaiting(2);
  Ask(Sample(3, 3));
  AwaitWaiting(3);
  OpenAndAwaitAll();
  EXPECT_THAT(gate_.batches, ElementsAre(ElementsAre(0), ElementsAre(1, 3), ElementsAre(2)));
}

TEST_F(InferBatchTest, ABrokenNeighbourFailsAlone) {
  Hold();
  Ask(Sample(1));
  Asked& broken = Ask(Sample(-1));
  AwaitWaiting(2);
  OpenAndAwaitAll();
  for (Asked& asked : asked_) EXPECT_EQ(asked.status.ok(), &asked != &broken);
  EXPECT_EQ(broken.status.error_code(), Code::INTERNAL);
  EXPECT_THAT(gate_.batches, SizeIs(4)) << "alone, together, and again each alone";
}

TEST_F(InferBatchTest, IsRefusedAtItsTimeoutWhileABatchIsHeld) {
  Hold();
  inference::ModelInferRequest request = Sample(1);
  SetParameter(request, "timeout", 3000);
  Asked& asked = Ask(request);
  asked.answered.WaitForNotification();
  EXPECT_EQ(asked.status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(asked.status.error_message(), HasSubstr("timeout"));
  EXPECT_EQ(asked.context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  EXPECT_FALSE(gate_.open.HasBeenNotified());
  OpenAndAwaitAll();
  EXPECT_THAT(gate_.batches, SizeIs(1)) << "the model never saw it";
}

TEST_F(InferBatchTest, ThePolicyOfItsPriorityCounts) {
  Hold();
  inference::ModelInferRequest request = Sample(1);
  SetParameter(request, "priority", 1);
  SetParameter(request, "timeout", 1);  // level 1 allows none of one's own
  Asked& asked = Ask(request);
  asked.answered.WaitForNotification();
  EXPECT_EQ(asked.status.error_code(), Code::UNAVAILABLE);
  OpenAndAwaitAll();
}

TEST_F(InferBatchTest, AFullQueueIsUnavailableWithAPushback) {
  Hold();
  for (int i = 0; i < 4; ++i) Ask(Sample(1));
  AwaitWaiting(4);
  Asked& refused = Ask(Sample(1));
  refused.answered.WaitForNotification();
  EXPECT_EQ(refused.status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(refused.status.error_message(), HasSubstr("exceeds the maximum queue size: 4"));
  EXPECT_EQ(refused.context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  OpenAndAwaitAll();
}

TEST_F(InferBatchTest, PriorityComesFirst) {
  Hold();
  Ask(Sample(1, 4));
  AwaitWaiting(1);
  inference::ModelInferRequest urgent = Sample(2, 5);
  SetParameter(urgent, "priority", 2);
  Ask(urgent);
  AwaitWaiting(2);
  OpenAndAwaitAll();
  EXPECT_THAT(gate_.batches, ElementsAre(ElementsAre(0), ElementsAre(2), ElementsAre(1)));
}

TEST_F(InferBatchTest, CancelledAndExpiredOnesLeaveAtOnce) {
  Hold();
  Asked& cancelled = Ask(Sample(1));
  Asked& expired = asked_.emplace_back();
  expired.request = Sample(2);
  expired.context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(1000));
  Send(expired);
  AwaitWaiting(2);
  cancelled.context.TryCancel();
  AwaitWaiting(0);
  EXPECT_FALSE(gate_.open.HasBeenNotified());
  OpenAndAwaitAll();
  EXPECT_EQ(cancelled.status.error_code(), Code::CANCELLED);
  EXPECT_EQ(expired.status.error_code(), Code::DEADLINE_EXCEEDED);
  EXPECT_THAT(gate_.batches, SizeIs(1));
}

TEST_F(InferBatchTest, ShuttingDownEndsThoseThatWaitForOthers) {
  inference::ModelInferRequest request = Sample(1);
  request.set_model_name("patient");
  Asked& asked = Ask(request);
  while (metrics_.model("patient", 1).v2.pending()->Value() != 1) std::this_thread::yield();
  server_->Shutdown(std::chrono::system_clock::now());
  asked.answered.WaitForNotification();
  EXPECT_FALSE(asked.status.ok());
  EXPECT_EQ(metrics_.model("patient", 1).v2.pending()->Value(), 0);
}

TEST_F(InferBatchTest, AReplacedModelAnswersThoseThatCameForIt) {
  Hold();
  Ask(Sample(1));
  AwaitWaiting(1);
  AddModel("batched", Tensors("gate", 4, "FP32", "dims: -1") + kBatching);
  ASSERT_TRUE(repository_->LoadModel("batched").ok());
  Ask(Sample(2));
  AwaitWaiting(2);
  OpenAndAwaitAll();
  EXPECT_THAT(gate_.batches, ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)))
      << "of two loads, so not joined";
  for (Asked& asked : asked_) EXPECT_TRUE(asked.status.ok());
}

TEST_F(InferBatchTest, ParametersOutOfRangeAreNamed) {
  for (const std::string name : {"timeout", "priority"}) {
    inference::ModelInferRequest request = Sample(1);
    SetParameter(request, name, -1);
    const grpc::Status negative = Infer(request);
    EXPECT_EQ(negative.error_code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(negative.error_message(), HasSubstr("'" + name + "': -1; allowed: "));
    (*request.mutable_parameters())[name].set_string_param("soon");
    EXPECT_THAT(Infer(request).error_message(), HasSubstr("of another type"));
  }
}

}  // namespace
}  // namespace normbench
