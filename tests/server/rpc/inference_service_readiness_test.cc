// SPDX-License-Identifier: Apache-2.0
// ServerReady where one model, "broken", has failed to load.
#include "server/rpc/inference_service.h"
#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

class InferenceServiceReadinessTest : public InferenceFixture {
 protected:
  explicit InferenceServiceReadinessTest(bool strict = false)
      : InferenceFixture({.version = "", .strict_readiness = strict}) {}

  bool IsReady() {
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  }
};

class StrictReadinessTest : public InferenceServiceReadinessTest {
 protected:
  StrictReadinessTest() : InferenceServiceReadinessTest(true) {}
};

TEST_F(InferenceServiceReadinessTest, OneBadModelDoesNotMatter) {
  EXPECT_TRUE(IsReady());
}

TEST_F(StrictReadinessTest, OneBadModelMakesTheServerNotReady) {
  EXPECT_FALSE(IsReady());
  grpc::ClientContext context;
  inference::ModelReadyRequest request;
  request.set_name("echo");
  inference::ModelReadyResponse model;
  ASSERT_TRUE(stub_->ModelReady(&context, request, &model).ok());
  EXPECT_TRUE(model.ready()) << "the others are";
  ASSERT_TRUE(repository_->UnloadModel("broken").ok());
  EXPECT_TRUE(IsReady());
  authorizer_.SetReady(false);
  EXPECT_FALSE(IsReady());
}

}  // namespace
}  // namespace normbench
