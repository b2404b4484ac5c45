// SPDX-License-Identifier: Apache-2.0
// Which requests are obeyed, and what they do, through a real service.
#include "server/rpc/repository_control.h"

#include <thread>

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using Code = grpc::StatusCode;

class RepositoryControlTest : public InferenceFixture {
 protected:
  grpc::Status Load(const std::string& name) {
    inference::RepositoryModelLoadRequest request;
    request.set_model_name(name);
    inference::RepositoryModelLoadResponse response;
    grpc::ClientContext context;
    return stub_->RepositoryModelLoad(&context, request, &response);
  }

  grpc::Status Unload(const std::string& name) {
    inference::RepositoryModelUnloadRequest request;
    request.set_model_name(name);
    (*request.mutable_parameters())["unload_dependents"].set_bool_param(true);
    inference::RepositoryModelUnloadResponse response;
    grpc::ClientContext context;
    return stub_->RepositoryModelUnload(&context, request, &response);
  }
};

TEST_F(RepositoryControlTest, AModelComesAndGoes) {
  EXPECT_EQ(Infer(Request("late", {1, 3})).error_code(), Code::NOT_FOUND);
  AddModel("late", Tensors("identity", 8, "FP32", "dims: 3"));
  ASSERT_TRUE(Load("late").ok());
  EXPECT_TRUE(Infer(Request("late", {1, 3})).ok());
  ASSERT_TRUE(Unload("late").ok());
  const grpc::Status unloaded = Infer(Request("late", {1, 3}));
  EXPECT_EQ(unloaded.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(unloaded.error_message(), HasSubstr("'late' is unloaded"));
  ASSERT_TRUE(Load("late").ok());
  EXPECT_TRUE(Infer(Request("late", {1, 3})).ok());
  EXPECT_EQ(CountedOfModel("late", Code::OK), 2) << "the same counters";
  EXPECT_EQ(metrics_.model_loads("late", true).Value(), 2);
}

TEST_F(RepositoryControlTest, ARequestKeepsTheModelThatItCameFor) {
  grpc::Status status;
  std::thread caller([&] { status = Infer(Request("gate", {1, 3})); });
  gate_.entered.WaitForNotification();
  ASSERT_TRUE(repository_->UnloadModel("gate").ok());
  gate_.open.Notify();
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(RepositoryControlTest, WhatCannotBeLoadedSaysWhy) {
  EXPECT_EQ(Load("nothing").error_code(), Code::NOT_FOUND);
  const grpc::Status broken = Load("broken");
  EXPECT_EQ(broken.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(broken.error_message(), HasSubstr("'broken' failed to load: version 1: no weights"));
  EXPECT_EQ(metrics_.model_loads("broken", false).Value(), 2) << "at start, too";
  EXPECT_EQ(Unload("nothing").error_code(), Code::NOT_FOUND);
}

// Coming back in a moment finds the same folder, and the same model.
TEST_F(RepositoryControlTest, NobodyIsAskedToComeBackForWhatCannotBeLoaded) {
  grpc::ClientContext load, infer;
  inference::RepositoryModelLoadRequest request;
  request.set_model_name("broken");
  inference::RepositoryModelLoadResponse loaded;
  EXPECT_EQ(stub_->RepositoryModelLoad(&load, request, &loaded).error_code(), Code::UNAVAILABLE);
  EXPECT_EQ(load.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 0u);
  inference::ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&infer, Request("broken", {1, 3}), &response).error_code(),
            Code::UNAVAILABLE);
  EXPECT_EQ(infer.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 0u);
}

TEST_F(RepositoryControlTest, NamesCannotLeaveTheRepository) {
  for (const char* name : {"", "../x", "/etc", "a/b", "a\nb", ".hidden", "*"}) {
    EXPECT_EQ(Load(name).error_code(), Code::INVALID_ARGUMENT) << name;
    EXPECT_EQ(Unload(name).error_code(), Code::INVALID_ARGUMENT) << name;
  }
}

TEST_F(RepositoryControlTest, NothingIsWrittenToTheRepository) {
  inference::RepositoryModelLoadRequest request;
  request.set_model_name("echo");
  (*request.mutable_parameters())["file:1/model.pt"].set_bytes_param("x");
  EXPECT_TRUE(absl::IsUnimplemented(CheckLoad(request)));
  request.mutable_parameters()->clear();
  (*request.mutable_parameters())["config"].set_string_param("{}");
  EXPECT_TRUE(absl::IsUnimplemented(CheckLoad(request)));
  request.mutable_parameters()->clear();
  (*request.mutable_parameters())["confg"].set_string_param("{}");
  EXPECT_TRUE(absl::IsInvalidArgument(CheckLoad(request)));
  request.mutable_parameters()->clear();
  request.set_repository_name("other");
  EXPECT_TRUE(absl::IsNotFound(CheckLoad(request)));
}

TEST_F(RepositoryControlTest, WhereItIsOffItSaysHowToGetIt) {
  InferenceService service(services_, *repository_, {.version = "1"});
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = inference::GRPCInferenceService::NewStub(server->InProcessChannel({}));
  grpc::ClientContext context;
  inference::RepositoryModelLoadResponse response;
  const grpc::Status status = stub->RepositoryModelLoad(&context, {}, &response);
  EXPECT_EQ(status.error_code(), Code::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("--model-control=explicit"));
  server->Shutdown();
  server->Wait();
}

}  // namespace
}  // namespace normbench
