// SPDX-License-Identifier: Apache-2.0
// Requests of clients with a connection while a run of the server's own has the device.
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "server/rpc/inference_service.h"
#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using Code = grpc::StatusCode;

class InferenceServiceRunsTest : public InferenceFixture {
 protected:
  using Stub = inference::GRPCInferenceService::Stub;

  // On a port: who calls within the process is the run.
  InferenceServiceRunsTest() {
    StopServer();
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  grpc::Status Ask(Stub& stub, grpc::ClientContext* context) {
    inference::ModelInferResponse response;
    return stub.ModelInfer(context, Request("echo", {1, 2, 3}), &response);
  }
};

TEST_F(InferenceServiceRunsTest, ModelInferIsRefusedWhereTheRunAsksForThat) {
  authorizer_.BeginRun(OtherTraffic::kRefuse);
  grpc::ClientContext other, own, later;
  const grpc::Status refused = Ask(*stub_, &other);
  EXPECT_EQ(refused.error_code(), Code::UNAVAILABLE) << "as V2 clients expect it";
  EXPECT_THAT(refused.error_message(), HasSubstr("a benchmark run has the device"));
  EXPECT_EQ(other.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  Stub run(server_->InProcessChannel({}));
  EXPECT_TRUE(Ask(run, &own).ok());
  EXPECT_EQ(authorizer_.EndRun(), 0);
  EXPECT_TRUE(Ask(*stub_, &later).ok());
}

TEST_F(InferenceServiceRunsTest, ModelInferIsCountedOtherwise) {
  authorizer_.BeginRun(OtherTraffic::kMark);
  grpc::ClientContext other, own;
  EXPECT_TRUE(Ask(*stub_, &other).ok());
  Stub run(server_->InProcessChannel({}));
  EXPECT_TRUE(Ask(run, &own).ok());
  EXPECT_EQ(authorizer_.EndRun(), 1);
}

// It is each request that is work, not the stream.
TEST_F(InferenceServiceRunsTest, SoAreRequestsOfAStreamThatWasOpenBefore) {
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  const auto error_of_next = [&] {
    EXPECT_TRUE(stream->Write(Request("echo", {1, 2, 3})));
    inference::ModelStreamInferResponse response;
    EXPECT_TRUE(stream->Read(&response));
    return response.error_message();
  };
  EXPECT_EQ(error_of_next(), "");
  authorizer_.BeginRun(OtherTraffic::kRefuse);
  EXPECT_THAT(error_of_next(), HasSubstr("a benchmark run has the device"));
  EXPECT_EQ(authorizer_.EndRun(), 0);
  EXPECT_EQ(error_of_next(), "");
  authorizer_.BeginRun(OtherTraffic::kMark);
  EXPECT_EQ(error_of_next(), "");
  EXPECT_EQ(error_of_next(), "");
  EXPECT_EQ(authorizer_.EndRun(), 2);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace normbench
