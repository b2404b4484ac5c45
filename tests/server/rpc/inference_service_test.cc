// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_service.h"

#include <cmath>
#include <limits>
#include <thread>

#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "prometheus/text_serializer.h"
#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Code = grpc::StatusCode;

class InferenceServiceTest : public InferenceFixture {
 protected:
  // Any bytes to any method.
  grpc::Status CallRaw(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    const grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    absl::Notification done;
    grpc::Status result;
    stub.UnaryCall(&context, "/inference.GRPCInferenceService/" + method, grpc::StubOptions(),
                   &request, &response, [&](grpc::Status status) {
                     result = std::move(status);
                     done.Notify();
                   });
    done.WaitForNotification();
    return result;
  }
};

TEST_F(InferenceServiceTest, AnswersWhatIsKnown) {
  grpc::ClientContext live_context, ready_context, server_context, model_context, config_context;
  inference::ServerLiveResponse live;
  ASSERT_TRUE(stub_->ServerLive(&live_context, {}, &live).ok());
  EXPECT_TRUE(live.live());
  inference::ServerReadyResponse ready;
  ASSERT_TRUE(stub_->ServerReady(&ready_context, {}, &ready).ok());
  EXPECT_TRUE(ready.ready());
  inference::ServerMetadataResponse server;
  ASSERT_TRUE(stub_->ServerMetadata(&server_context, {}, &server).ok());
  EXPECT_EQ(server.version(), "1.2.3");
  inference::ModelMetadataRequest about;
  about.set_name("echo");
  inference::ModelMetadataResponse model;
  ASSERT_TRUE(stub_->ModelMetadata(&model_context, about, &model).ok());
  EXPECT_EQ(model.inputs(0).name(), "x");
  inference::ModelConfigRequest config_of;
  config_of.set_name("echo");
  inference::ModelConfigResponse config;
  ASSERT_TRUE(stub_->ModelConfig(&config_context, config_of, &config).ok());
  EXPECT_EQ(config.config().max_batch_size(), 8);
  grpc::ClientContext index_context;
  inference::RepositoryIndexResponse index;
  ASSERT_TRUE(stub_->RepositoryIndex(&index_context, {}, &index).ok());
  EXPECT_EQ(index.models_size(), 9);
  EXPECT_EQ(Counted("ModelMetadata", Code::OK), 1);
}

TEST_F(InferenceServiceTest, ModelReadyIsPerModel) {
  inference::ModelReadyRequest request;
  for (const auto& [name, expected] :
       {std::pair{"echo", true}, std::pair{"broken", false}, std::pair{"unknown", false}}) {
    grpc::ClientContext context;
    inference::ModelReadyResponse response;
    request.set_name(name);
    ASSERT_TRUE(stub_->ModelReady(&context, request, &response).ok());
    EXPECT_EQ(response.ready(), expected) << name;
  }
}

TEST_F(InferenceServiceTest, InfersEveryBatchRaw) {
  for (int64_t batch = 1; batch <= 8; ++batch) {
    auto request = Request("echo", {batch, 2, 3});
    request.set_id("id " + std::to_string(batch));
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.id(), request.id());
    EXPECT_EQ(response.model_name(), "echo");
    EXPECT_EQ(response.model_version(), "1");
    ASSERT_EQ(response.raw_output_contents_size(), 1);
    EXPECT_EQ(response.raw_output_contents(0), request.raw_input_contents(0));
    EXPECT_EQ(response.outputs(0).name(), "y");
    EXPECT_THAT(response.outputs(0).shape(), ElementsAre(batch, 2, 3));
  }
  EXPECT_EQ(Counted("ModelInfer", Code::OK), 8);
  EXPECT_EQ(CountedOfModel("echo", Code::OK), 8);
  const std::string text = prometheus::TextSerializer().Serialize(metrics_.registry().Collect());
  EXPECT_THAT(text,
              HasSubstr("normbench_model_formed_batch_size_sum{model=\"echo\",version=\"1\"} 36"));
  EXPECT_THAT(
      text,
      HasSubstr("normbench_model_compute_duration_seconds_count{model=\"echo\",version=\"1\"} 8"));
}

TEST_F(InferenceServiceTest, TypedAnswersRawToo) {
  auto request = Request("echo", {1, 2, 3});
  const std::string bytes = request.raw_input_contents(0);
  request.clear_raw_input_contents();
  for (int i = 0; i < 6; ++i) {
    request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(static_cast<float>(i));
  }
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  EXPECT_EQ(response.raw_output_contents(0), bytes);
}

TEST_F(InferenceServiceTest, WordsPassThroughAndTheirLengthsMustNotLie) {
  const std::string raw("\2\0\0\0ab\0\0\0\0", 10);
  inference::ModelInferRequest request = Request("words", {1, 2});
  request.mutable_inputs(0)->set_datatype("BYTES");
  request.set_raw_input_contents(0, raw);
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.raw_output_contents(0), raw);
  EXPECT_EQ(response.outputs(0).datatype(), "BYTES");

  inference::ModelInferRequest typed = request;
  typed.clear_raw_input_contents();
  for (const char* word : {"ab", ""})
    typed.mutable_inputs(0)->mutable_contents()->add_bytes_contents(word);
  ASSERT_TRUE(Infer(typed, &response).ok());
  EXPECT_EQ(response.raw_output_contents(0), raw);

  for (const std::string& wrong : {raw.substr(0, 9), raw + "x", std::string(8, '\xff')}) {
    request.set_raw_input_contents(0, wrong);
    const grpc::Status status = Infer(request, &response);
    EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("inputs[0] 'x': "));
  }
  request.set_raw_input_contents(0, "");
  EXPECT_THAT(Infer(request, &response).error_message(),
              HasSubstr("0 bytes; allowed: at least 8 (a length for each element)"));
}

TEST_F(InferenceServiceTest, NanAndInfinityPassThrough) {
  auto request = Request("single", {3});
  request.set_raw_input_contents(0,
                                 Bytes({NAN, INFINITY, std::numeric_limits<float>::denorm_min()}));
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.raw_output_contents(0), request.raw_input_contents(0));
}

TEST_F(InferenceServiceTest, ALargeTensorArrivesInOnePiece) {
  inference::ModelInferRequest request;
  request.set_model_name("pair");
  auto& a = *request.add_inputs();
  a.set_name("a");
  a.set_datatype("FP32");
  for (const int64_t dim : {1, 2}) a.add_shape(dim);
  auto& b = *request.add_inputs();
  b.set_name("b");
  b.set_datatype("INT64");
  for (const int64_t dim : {1, 40000}) b.add_shape(dim);
  request.add_raw_input_contents("abcdefgh");
  std::string& large = *request.add_raw_input_contents();
  for (int i = 0; i < 320000; ++i) large += static_cast<char>(i % 251);
  request.add_outputs()->set_name("d");
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "d");
  EXPECT_EQ(response.raw_output_contents(0), large);
}

TEST_F(InferenceServiceTest, UnknownModelVersionAndBrokenModel) {
  grpc::Status status = Infer(Request("ecko", {1, 2, 3}));
  EXPECT_EQ(status.error_code(), Code::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("'ecko'; nearest: echo"));
  auto request = Request("echo", {1, 2, 3});
  request.set_model_version("2");
  status = Infer(request);
  EXPECT_EQ(status.error_code(), Code::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("there are: 1"));
  request.set_model_version("latest");
  EXPECT_EQ(Infer(request).error_code(), Code::INVALID_ARGUMENT);
  status = Infer(Request("broken", {1, 3}));
  EXPECT_EQ(status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("no weights"));
  EXPECT_EQ(Counted("ModelInfer", Code::NOT_FOUND), 2);
  EXPECT_EQ(CountedInAll("ModelInfer"), 4);
  const std::string text = prometheus::TextSerializer().Serialize(metrics_.registry().Collect());
  EXPECT_THAT(text, HasSubstr("model=\"echo\",version=\"1\"")) << "those that serve are labels";
  EXPECT_THAT(text, Not(HasSubstr("ecko")));
  EXPECT_THAT(text, Not(HasSubstr("version=\"2\"")));
  EXPECT_THAT(text, Not(HasSubstr("latest")));
}

TEST_F(InferenceServiceTest, BadTensorsAreRefusedAndCounted) {
  const grpc::Status status = Infer(Request("echo", {9, 2, 3}));
  EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "inputs[0] 'x'.shape[0]: batch of 9; allowed: 1 to 8 (max_batch_size)");
  EXPECT_EQ(Counted("ModelInfer", Code::INVALID_ARGUMENT), 1);
  EXPECT_EQ(CountedOfModel("echo", Code::INVALID_ARGUMENT), 1);
}

TEST_F(InferenceServiceTest, MoreThanTheBudgetHoldsIsInvalid) {
  auto request = Request("pair", {});
  request.clear_inputs();
  request.clear_raw_input_contents();
  for (const auto& [name, type, width] :
       {std::tuple{"a", "FP32", 2}, std::tuple{"b", "INT64", 200000}}) {
    auto& input = *request.add_inputs();
    input.set_name(name);
    input.set_datatype(type);
    input.add_shape(1);
    input.add_shape(width);
    request.add_raw_input_contents(std::string(width * (width == 2 ? 4 : 8), 'x'));
  }
  const grpc::Status status = Infer(request);
  EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("bytes"));
}

TEST_F(InferenceServiceTest, AFullBudgetIsUnavailableAsV2Expects) {
  const auto all = admission_.Admit({.bytes = 1 << 20});
  ASSERT_TRUE(all.ok());
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  const grpc::Status status = stub_->ModelInfer(&context, Request("echo", {1, 2, 3}), &response);
  EXPECT_EQ(status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("bytes"));
  EXPECT_EQ(context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  EXPECT_EQ(CountedOfModel("echo", Code::UNAVAILABLE), 1);
}

TEST_F(InferenceServiceTest, ModelsThatMisbehaveCostOneAnswer) {
  const auto infer = [&](const std::string& model) { return Infer(Request(model, {1, 3})); };
  EXPECT_EQ(infer("error").error_code(), Code::INTERNAL);
  EXPECT_THAT(infer("error").error_message(), HasSubstr("the model failed"));
  EXPECT_EQ(infer("throw").error_code(), Code::UNAVAILABLE);
  EXPECT_EQ(infer("forget").error_code(), Code::INTERNAL);
  EXPECT_TRUE(Infer(Request("single", {3})).ok());
  EXPECT_EQ(CountedInAll("ModelInfer"), 5);
}

TEST_F(InferenceServiceTest, StatisticsAddUpWhatEveryRequestCameTo) {
  const auto statistics = [&](const std::string& model) {
    grpc::ClientContext context;
    inference::ModelStatisticsRequest request;
    request.set_name(model);
    inference::ModelStatisticsResponse response;
    EXPECT_TRUE(stub_->ModelStatistics(&context, request, &response).ok());
    return response;
  };
  for (const int64_t batch : {1, 8, 8}) ASSERT_TRUE(Infer(Request("echo", {batch, 2, 3})).ok());
  EXPECT_FALSE(Infer(Request("echo", {9, 2, 3})).ok());
  EXPECT_FALSE(Infer(Request("error", {1, 3})).ok());
  const auto echo = statistics("echo");
  ASSERT_EQ(echo.model_stats_size(), 1);
  EXPECT_EQ(echo.model_stats(0).name(), "echo");
  EXPECT_EQ(echo.model_stats(0).version(), "1");
  EXPECT_EQ(echo.model_stats(0).inference_count(), 17u);
  EXPECT_EQ(echo.model_stats(0).execution_count(), 3u);
  const auto& stages = echo.model_stats(0).inference_stats();
  EXPECT_EQ(stages.fail().count(), 1u) << "a bad tensor is this model's failure";
  EXPECT_GE(stages.success().ns(), stages.queue().ns() + stages.compute_input().ns() +
                                       stages.compute_infer().ns() + stages.compute_output().ns());
  EXPECT_GT(stages.compute_infer().ns(), 0u);
  EXPECT_EQ(echo.model_stats(0).batch_stats_size(), 2);
  EXPECT_EQ(statistics("error").model_stats(0).inference_stats().fail().count(), 1u);
  EXPECT_EQ(statistics("error").model_stats(0).inference_stats().compute_infer().count(), 0u);
  EXPECT_EQ(statistics("").model_stats_size(), 8);
}

TEST_F(InferenceServiceTest, TheOtherMethodsSayWhatIsNotOffered) {
  for (const InferenceMethod& method : InferenceMethods()) {
    if (method.refusal.empty()) continue;
    const std::string name(method.name);
    const grpc::Status status = CallRaw(name, "");
    EXPECT_EQ(status.error_code(), Code::UNIMPLEMENTED) << name;
    EXPECT_EQ(status.error_message(), name + ": " + std::string(method.refusal));
    EXPECT_EQ(Counted(name, Code::UNIMPLEMENTED), 1) << name;
  }
}

TEST_F(InferenceServiceTest, MalformedBytesAreInvalidWithASentence) {
  for (const InferenceMethod& method : InferenceMethods()) {
    // A stream says it in an answer, and goes on.
    if (!method.refusal.empty() || method.name == "ModelStreamInfer") continue;
    const std::string name(method.name);
    const grpc::Status status = CallRaw(name, "\x0a\xff");
    EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT) << name;
    EXPECT_THAT(status.error_message(), Not(IsEmpty())) << name;
    EXPECT_EQ(Counted(name, Code::INVALID_ARGUMENT), 1) << name;
  }
}

// The gap in which load balancers notice, before work is refused.
TEST_F(InferenceServiceTest, SaysNotReadyAsSoonAsHealthDoes) {
  authorizer_.SetReady(false);
  grpc::ClientContext ready_context, model_context, live_context;
  inference::ServerReadyResponse ready;
  ASSERT_TRUE(stub_->ServerReady(&ready_context, {}, &ready).ok());
  EXPECT_FALSE(ready.ready());
  inference::ModelReadyRequest request;
  request.set_name("echo");
  inference::ModelReadyResponse model;
  ASSERT_TRUE(stub_->ModelReady(&model_context, request, &model).ok());
  EXPECT_FALSE(model.ready());
  inference::ServerLiveResponse live;
  ASSERT_TRUE(stub_->ServerLive(&live_context, {}, &live).ok());
  EXPECT_TRUE(live.live());
  EXPECT_TRUE(Infer(Request("echo", {1, 2, 3})).ok());
}

TEST_F(InferenceServiceTest, DrainingRefusesWork) {
  authorizer_.StartDraining();
  const grpc::Status status = Infer(Request("echo", {1, 2, 3}));
  EXPECT_EQ(status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("drain"));
}

// A model that runs on the only worker, and a request that waits behind it.
class QueuedInferenceTest : public InferenceServiceTest {
 protected:
  QueuedInferenceTest() : running_([this] { first_ = Infer(Request("gate", {1, 3})); }) {
    gate_.entered.WaitForNotification();
  }
  ~QueuedInferenceTest() override {
    if (running_.joinable()) Release();
  }
  void Release() {
    gate_.open.Notify();
    running_.join();
  }

  grpc::Status first_;
  std::thread running_;
};

TEST_F(QueuedInferenceTest, IsDroppedWhenTheClientGoes) {
  grpc::ClientContext context;
  grpc::Status status;
  std::thread client([&] {
    inference::ModelInferResponse response;
    status = stub_->ModelInfer(&context, Request("gate", {1, 3}), &response);
  });
  queue_.WaitForJobs(2);
  context.TryCancel();
  client.join();
  EXPECT_EQ(status.error_code(), Code::CANCELLED);
  queue_.WaitForDrops(1);
  Release();
  StopServer();
  EXPECT_TRUE(first_.ok());
  EXPECT_EQ(Counted("ModelInfer", Code::OK), 1);
  EXPECT_EQ(CountedOfModel("gate", Code::CANCELLED), 1);
  EXPECT_EQ(CountedInAll("ModelInfer"), 2);
  EXPECT_EQ(admission_.usage().slots, 0);
}

TEST_F(QueuedInferenceTest, IsDroppedWhenItsDeadlinePasses) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  inference::ModelInferResponse response;
  const grpc::Status status = stub_->ModelInfer(&context, Request("gate", {1, 3}), &response);
  EXPECT_EQ(status.error_code(), Code::DEADLINE_EXCEEDED);
  queue_.WaitForDrops(1);
  Release();
  StopServer();
  // The client's end of the stream may come before the server's own clock says so.
  EXPECT_EQ(
      CountedOfModel("gate", Code::DEADLINE_EXCEEDED) + CountedOfModel("gate", Code::CANCELLED), 1);
  EXPECT_EQ(CountedInAll("ModelInfer"), 2);
  EXPECT_EQ(admission_.usage().bytes, 0);
}

TEST_F(QueuedInferenceTest, TheModelsWorkspaceIsAdmitted) {
  EXPECT_GE(admission_.usage().bytes, 2 * 12 + 1000) << "input, output and what the model takes";
  EXPECT_LT(admission_.usage().bytes, 2000);
}

}  // namespace
}  // namespace normbench
