// SPDX-License-Identifier: Apache-2.0
// What clients of normbench.v1 get from a server whose kernels are faulty, beside one whose are
// not.
#include "server/faults/faulty_kernel.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

class FaultyKernelServicesTest : public ServiceFixture {
 protected:
  // Both services with faulty kernels.
  class Faulty {
   public:
    Faulty(ServiceContext& services, const FaultOptions& options)
        : registry_(MakeFaulty(options)),
          normalization_(services, registry_, {}),
          benchmark_(services, registry_, {.set_threads = [](int) {}}) {
      grpc::ServerBuilder builder;
      builder.RegisterService(&normalization_);
      builder.RegisterService(&benchmark_);
      server_ = builder.BuildAndStart();
      channel_ = server_->InProcessChannel({});
    }
    ~Faulty() {
      server_->Shutdown();
      server_->Wait();
    }

    std::shared_ptr<grpc::Channel> channel() const { return channel_; }

   private:
    static std::vector<std::unique_ptr<NormKernel>> MakeFaulty(const FaultOptions& options) {
      std::vector<std::unique_ptr<NormKernel>> kernels;
      kernels.push_back(MakeReferenceKernel());
      return WithFaults(std::move(kernels), Faults::Create(options).value());
    }

    const KernelRegistry registry_;
    NormalizationService normalization_;
    BenchmarkService benchmark_;
    std::unique_ptr<grpc::Server> server_;
    std::shared_ptr<grpc::Channel> channel_;
  };

  static std::vector<float> Answer(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    v1::NormalizeResponse response;
    const grpc::Status status =
        v1::Normalization::NewStub(channel)->Normalize(&context, Small(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return Floats(response.y());
  }

  static v1::MeasureResult Measured(const std::shared_ptr<grpc::Channel>& channel) {
    v1::MeasureRequest request;
    request.mutable_norm_case()->mutable_spec()->set_norm("rms");
    for (const int dim : {2, 12}) request.mutable_norm_case()->add_shape(dim);
    request.mutable_norm_case()->set_impl("reference");
    request.mutable_budget()->set_warmup_seconds(1e-4);
    request.mutable_budget()->set_max_samples(7);
    grpc::ClientContext context;
    const auto reader = v1::Benchmark::NewStub(channel)->Measure(&context, request);
    v1::MeasureResponse event;
    while (reader->Read(&event)) {
    }
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return event.result();
  }
};

TEST_F(FaultyKernelServicesTest, ANumericFaultReachesNormalizeAndMeasure) {
  const Faulty faulty(services_, {.numeric = 1e-3});
  const std::vector<float> wrong = Answer(faulty.channel());
  EXPECT_EQ(queue_.inlined(), 1) << "on the calling thread, as without it";
  const std::vector<float> right = Answer(channel_);
  EXPECT_NEAR(wrong[0], 0.999f * right[0], 1e-6);
  EXPECT_EQ(wrong[1], right[1]);
  EXPECT_EQ(Answer(faulty.channel()), wrong);
  const v1::MeasureResult measured = Measured(faulty.channel());
  EXPECT_GT(measured.accuracy().err_scaled(), 100 * measured.accuracy().bound());
  EXPECT_EQ(measured.distinct_outputs(), 1);
}

TEST_F(FaultyKernelServicesTest, BusyWorkChangesNoBit) {
  const Faulty faulty(services_, {.delay = 3, .tail = 5, .cpu = 0.5});
  EXPECT_EQ(Answer(faulty.channel()), Answer(channel_));
  const v1::MeasureResult slow = Measured(faulty.channel()), honest = Measured(channel_);
  EXPECT_EQ(slow.accuracy().err_scaled(), honest.accuracy().err_scaled());
  EXPECT_LE(slow.accuracy().err_scaled(), slow.accuracy().bound());
  ASSERT_EQ(slow.output_checksums_size(), 1);
  EXPECT_EQ(slow.output_checksums(0), honest.output_checksums(0));
}

}  // namespace
}  // namespace normbench
