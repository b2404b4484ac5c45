// SPDX-License-Identifier: Apache-2.0
// ModelStreamInfer through a real service.
#include "server/rpc/infer_stream.h"

#include <thread>

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using Code = grpc::StatusCode;
using inference::ModelInferRequest;
using inference::ModelStreamInferResponse;

class InferStreamTest : public InferenceFixture {
 protected:
  void Open() { stream_ = stub_->ModelStreamInfer(&context_); }

  void Send(const std::string& model, const std::string& id) {
    ModelInferRequest request =
        model == "gate" ? Request(model, {1, 3}) : Request(model, {1, 2, 3});
    request.set_id(id);
    ASSERT_TRUE(stream_->Write(request));
  }

  // "" where there is none any more; with "!" and the message in front of the id of a failed one.
  std::string Answer() {
    ModelStreamInferResponse response;
    if (!stream_->Read(&response)) return "";
    const std::string& error = response.error_message();
    return (error.empty() ? "" : "!" + error + " ") + response.infer_response().id();
  }

  grpc::Status End() {
    stream_->WritesDone();
    return stream_->Finish();
  }

  // After StopServer: nothing is left behind.
  void ExpectNothingHeld() {
    EXPECT_EQ(admission_.usage().slots, 0);
    EXPECT_EQ(admission_.usage().bytes, 0);
    EXPECT_EQ(metrics_.in_flight(), 0);
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<ModelInferRequest, ModelStreamInferResponse>> stream_;
};

TEST_F(InferStreamTest, AnswersAreThoseOfModelInfer) {
  Open();
  ASSERT_TRUE(stream_->Write(Request("echo", {2, 2, 3})));
  ModelStreamInferResponse response;
  ASSERT_TRUE(stream_->Read(&response));
  EXPECT_EQ(response.error_message(), "");
  const auto& answer = response.infer_response();
  EXPECT_EQ(answer.model_name(), "echo");
  EXPECT_EQ(answer.raw_output_contents(0), Request("echo", {2, 2, 3}).raw_input_contents(0));
  EXPECT_TRUE(answer.parameters().at("triton_final_response").bool_param());
  EXPECT_TRUE(End().ok());
  StopServer();
  EXPECT_EQ(Counted("ModelStreamInfer", Code::OK), 1);
  EXPECT_EQ(CountedOfModel("echo", Code::OK), 1);
  ExpectNothingHeld();
}

TEST_F(InferStreamTest, AnswersComeInTheOrderOfTheRequests) {
  Open();
  Send("gate", "slow");
  gate_.entered.WaitForNotification();
  Send("echo", "quick");
  Send("nothing", "wrong");
  queue_.WaitForJobs(2);
  gate_.open.Notify();
  EXPECT_EQ(Answer(), "slow");
  EXPECT_EQ(Answer(), "quick");
  EXPECT_THAT(Answer(), HasSubstr("unknown 'nothing'"));
  EXPECT_TRUE(End().ok());
}

TEST_F(InferStreamTest, ARequestThatFailsHasItsIdAndTheStreamGoesOn) {
  Open();
  Send("error", "a");
  Send("echo", "b");
  EXPECT_THAT(Answer(), HasSubstr("!inputs[0] 'x'.shape: 3 dimensions; allowed: 2 ([-1, 3]) a"));
  EXPECT_EQ(Answer(), "b");
  EXPECT_TRUE(End().ok());
  StopServer();
  EXPECT_EQ(Counted("ModelStreamInfer", Code::INVALID_ARGUMENT), 1);
  EXPECT_EQ(Counted("ModelStreamInfer", Code::OK), 1);
}

TEST_F(InferStreamTest, WhoAsksForAStatusGetsThatOfTheFirstFailure) {
  context_.AddMetadata("triton_grpc_error", "true");
  Open();
  Send("echo", "a");
  EXPECT_EQ(Answer(), "a");
  Send("nothing", "b");
  EXPECT_EQ(Answer(), "");
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), Code::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("unknown 'nothing'"));
}

// The client reads, and would send more: the failure does not wait for that.
TEST_F(InferStreamTest, AFailureOnAWorkerEndsTheStreamOfWhoAsksForAStatus) {
  context_.AddMetadata("triton_grpc_error", "true");
  Open();
  ASSERT_TRUE(stream_->Write(Request("error", {1, 3})));
  EXPECT_EQ(Answer(), "");
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), Code::INTERNAL);
  EXPECT_THAT(status.error_message(), HasSubstr("the model failed"));
  StopServer();
  ExpectNothingHeld();
}

TEST_F(InferStreamTest, RequestsBehindAFailureAreNotAnswered) {
  context_.AddMetadata("triton_grpc_error", "true");
  Open();
  Send("gate", "a");
  gate_.entered.WaitForNotification();
  ASSERT_TRUE(stream_->Write(Request("error", {1, 3})));
  for (int i = 0; i < 20; ++i) Send("gate", "b");
  queue_.WaitForJobs(22);
  gate_.open.Notify();
  EXPECT_EQ(Answer(), "a");
  EXPECT_EQ(Answer(), "");
  EXPECT_EQ(stream_->Finish().error_code(), Code::INTERNAL);
  StopServer();
  ExpectNothingHeld();
}

TEST_F(InferStreamTest, AnIdThatIsTooLongIsNotRepeatedWithAnError) {
  Open();
  Send("nothing", std::string(1025, 'i'));
  EXPECT_THAT(Answer(), ::testing::AllOf(HasSubstr("unknown 'nothing'"), ::testing::EndsWith(" ")));
  EXPECT_TRUE(End().ok());
}

TEST_F(InferStreamTest, WhatIsUnderWayWhenTheClientHasSentAllIsAnswered) {
  Open();
  Send("gate", "a");
  Send("gate", "b");
  stream_->WritesDone();
  gate_.open.Notify();
  EXPECT_EQ(Answer(), "a");
  EXPECT_EQ(Answer(), "b");
  EXPECT_EQ(Answer(), "");
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(InferStreamTest, WithoutARequestItEndsWell) {
  Open();
  EXPECT_TRUE(End().ok());
}

// More than are read before answers are taken: the stream waits for its client, and loses nothing.
TEST_F(InferStreamTest, AClientThatReadsLateGetsAllInOrder) {
  Open();
  constexpr int kRequests = 3 * static_cast<int>(InferStream::kMaxRequests);
  std::thread writer([&] {
    for (int i = 0; i < kRequests; ++i) Send("echo", std::to_string(i));
    stream_->WritesDone();
  });
  for (int i = 0; i < kRequests; ++i) {
    // Where the server's budget is full it says so: in its place, with its id.
    ASSERT_THAT(Answer(), ::testing::EndsWith(std::to_string(i)));
  }
  writer.join();
  EXPECT_EQ(Answer(), "");
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(InferStreamTest, DrainingRefusesRequestsNotStreams) {
  Open();
  Send("echo", "a");
  EXPECT_EQ(Answer(), "a");
  authorizer_.StartDraining();
  Send("echo", "b");
  EXPECT_THAT(Answer(), HasSubstr("drain"));
  EXPECT_TRUE(End().ok());
}

enum class Stage { kOpened, kRunning, kQueued, kAnswered, kClosed };

class CancelledInferStreamTest : public InferStreamTest,
                                 public ::testing::WithParamInterface<Stage> {};

TEST_P(CancelledInferStreamTest, LeavesNothingBehind) {
  Open();
  if (GetParam() != Stage::kOpened) Send(GetParam() == Stage::kAnswered ? "echo" : "gate", "a");
  if (GetParam() == Stage::kAnswered) {
    EXPECT_EQ(Answer(), "a");
  }
  if (GetParam() == Stage::kQueued || GetParam() == Stage::kClosed) {
    gate_.entered.WaitForNotification();
    for (int i = 0; i < 100; ++i) Send("gate", "b");
    queue_.WaitForJobs(101);
  }
  if (GetParam() == Stage::kRunning) gate_.entered.WaitForNotification();
  if (GetParam() == Stage::kClosed) stream_->WritesDone();
  context_.TryCancel();
  EXPECT_EQ(stream_->Finish().error_code(), Code::CANCELLED);
  if (GetParam() == Stage::kQueued || GetParam() == Stage::kClosed) queue_.WaitForDrops(100);
  gate_.open.Notify();
  StopServer();
  ExpectNothingHeld();
}

INSTANTIATE_TEST_SUITE_P(AtEachStage, CancelledInferStreamTest,
                         ::testing::Values(Stage::kOpened, Stage::kRunning, Stage::kQueued,
                                           Stage::kAnswered, Stage::kClosed));

TEST_F(InferStreamTest, AServerThatStopsEndsItsStreams) {
  Open();
  Send("gate", "a");
  gate_.entered.WaitForNotification();
  std::thread stopper([&] { server_->Shutdown(std::chrono::system_clock::now()); });
  EXPECT_EQ(Answer(), "");
  EXPECT_FALSE(stream_->Finish().ok());
  gate_.open.Notify();
  stopper.join();
  server_->Wait();
  ExpectNothingHeld();
}

TEST(StreamResponse, IsTheAnswerWithoutACopyOrTheError) {
  inference::ModelInferResponse answer;
  answer.set_id("7");
  answer.add_raw_output_contents(std::string(1000, 'y'));
  const grpc::Slice slice(answer.SerializeAsString());
  grpc::ByteBuffer bytes(&slice, 1);
  const auto parsed = [](const grpc::ByteBuffer& buffer) {
    grpc::Slice whole;
    EXPECT_TRUE(buffer.DumpToSingleSlice(&whole).ok());
    ModelStreamInferResponse response;
    EXPECT_TRUE(response.ParseFromArray(whole.begin(), static_cast<int>(whole.size())));
    return response;
  };
  const ModelStreamInferResponse good = parsed(StreamResponse(grpc::Status::OK, "7", bytes));
  EXPECT_EQ(good.infer_response().raw_output_contents(0).size(), 1000u);
  EXPECT_EQ(good.infer_response().id(), "7");
  const auto bad = parsed(StreamResponse({Code::NOT_FOUND, "no such"}, "8", bytes));
  EXPECT_EQ(bad.error_message(), "no such");
  EXPECT_EQ(bad.infer_response().id(), "8");
}

}  // namespace
}  // namespace normbench
