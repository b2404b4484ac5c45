// SPDX-License-Identifier: Apache-2.0
// What clients of ModelInfer get from models that are faulty, one by one and in batches.
#include "server/faults/faulty_model.h"
#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

class FaultyModelServicesTest : public InferenceFixture {
 protected:
  // The fixture's models and a batched one, served with `options` by a server of their own.
  class Faulty {
   public:
    Faulty(ServiceContext& services, const std::string& folder, const FaultOptions& options) {
      std::vector<std::unique_ptr<Backend>> backends;
      backends.push_back(MakeIdentityBackend());
      repository_ = *ModelRepository::Open(
          folder, "cpu", WithFaults(std::move(backends), Faults::Create(options).value()));
      EXPECT_TRUE(repository_->LoadModel("echo").ok());
      EXPECT_TRUE(repository_->LoadModel("joined").ok());
      service_ =
          std::make_unique<InferenceService>(services, *repository_, InferenceService::Options{});
      grpc::ServerBuilder builder;
      builder.RegisterService(service_.get());
      server_ = builder.BuildAndStart();
      stub_ = inference::GRPCInferenceService::NewStub(server_->InProcessChannel({}));
    }
    ~Faulty() {
      server_->Shutdown();
      server_->Wait();
    }

    inference::GRPCInferenceService::Stub& stub() { return *stub_; }

   private:
    std::unique_ptr<ModelRepository> repository_;
    std::unique_ptr<InferenceService> service_;
    std::unique_ptr<grpc::Server> server_;
    std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
  };

  FaultyModelServicesTest() {
    AddModel("joined", Tensors("identity", 8, "FP32", "dims: [ 2, 3 ]") +
                           "dynamic_batching { preferred_batch_size: 2 "
                           "max_queue_delay_microseconds: 3600000000 }");
  }

  static std::string Answer(inference::GRPCInferenceService::Stub& stub,
                            const inference::ModelInferRequest& request) {
    grpc::ClientContext context;
    inference::ModelInferResponse response;
    const grpc::Status status = stub.ModelInfer(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.raw_output_contents(0);
  }

  static inference::ModelInferRequest Sample(const std::string& model, float first) {
    inference::ModelInferRequest request = Request(model, {1, 2, 3});
    request.set_raw_input_contents(0, Bytes({first, 1, 2, 3, 4, 5}));
    return request;
  }
};

TEST_F(FaultyModelServicesTest, ANumericFaultReachesEachSampleAloneAndInABatch) {
  Faulty faulty(services_, root_.string(), {.numeric = 1e-3});
  const inference::ModelInferRequest requests[] = {Sample("joined", 7), Sample("joined", 8)};
  inference::ModelInferResponse responses[2];
  grpc::ClientContext contexts[2];
  absl::Notification done[2];
  for (int i = 0; i < 2; ++i) {
    faulty.stub().async()->ModelInfer(&contexts[i], &requests[i], &responses[i],
                                      [&done, i](grpc::Status status) {
                                        EXPECT_TRUE(status.ok()) << status.error_message();
                                        done[i].Notify();
                                      });
  }
  for (absl::Notification& each : done) each.WaitForNotification();
  EXPECT_EQ(metrics_.model("joined", 1).formed_batch->Collect().histogram.sample_sum, 2);
  EXPECT_EQ(metrics_.model("joined", 1).formed_batch->Collect().histogram.sample_count, 1u);
  for (int i = 0; i < 2; ++i) {
    const std::string alone = Answer(faulty.stub(), Sample("echo", 7.0f + static_cast<float>(i)));
    EXPECT_EQ(responses[i].raw_output_contents(0), alone);
    EXPECT_NE(alone, requests[i].raw_input_contents(0)) << "the model is an echo";
  }
}

TEST_F(FaultyModelServicesTest, BusyWorkChangesNoBit) {
  Faulty faulty(services_, root_.string(), {.delay = 3, .tail = 5, .cpu = 0.5});
  const inference::ModelInferRequest request = Sample("echo", 7);
  EXPECT_EQ(Answer(faulty.stub(), request), request.raw_input_contents(0));
}

}  // namespace
}  // namespace normbench
