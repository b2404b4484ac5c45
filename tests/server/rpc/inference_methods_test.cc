// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/inference_methods.h"

#include <gtest/gtest.h>

#include "inference/grpc_service.pb.h"

namespace normbench {
namespace {

TEST(InferenceMethodsTest, AreThoseOfTheContractInItsOrder) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "inference.GRPCInferenceService");
  // Links the descriptor in.
  ASSERT_NE(inference::ModelInferRequest::descriptor(), nullptr);
  ASSERT_NE(service, nullptr);
  ASSERT_EQ(service->method_count(), kInferenceMethods);
  for (int i = 0; i < kInferenceMethods; ++i) {
    EXPECT_EQ(service->method(i)->name(), InferenceMethods()[i].name);
  }
  EXPECT_EQ(InferenceMethods()[static_cast<size_t>(V2Method::kLogSettings)].name, "LogSettings");
  EXPECT_EQ(InferenceMethods()[static_cast<size_t>(V2Method::kModelInfer)].name, "ModelInfer");
  EXPECT_EQ(InferenceRpcNames()[19], "LogSettings");
}

TEST(InferenceMethodsTest, AllButCudaMemoryAreServed) {
  int served = 0;
  for (const InferenceMethod& method : InferenceMethods()) served += method.refusal.empty();
  EXPECT_EQ(served, 17);
}

}  // namespace
}  // namespace normbench
