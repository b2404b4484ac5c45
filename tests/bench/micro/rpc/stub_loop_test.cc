// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/stub_loop.h"

#include <gtest/gtest.h>

#include <atomic>

#include "grpcpp/server_builder.h"
#include "normbench/v1/normalization.grpc.pb.h"

namespace normbench {
namespace {

// Answers with the request, after `good` of them with an error.
class Echo final
    : public v1::Normalization::WithRawCallbackMethod_Normalize<v1::Normalization::Service> {
 public:
  grpc::ServerUnaryReactor* Normalize(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    *response = *request;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(++calls > good ? grpc::Status(grpc::StatusCode::INTERNAL, "worn out")
                                   : grpc::Status::OK);
    return reactor;
  }
  std::atomic<int> calls{0};
  int good = 1 << 30;
};

class StubLoopTest : public testing::Test {
 protected:
  StubLoopTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&echo_);
    server_ = builder.BuildAndStart();
  }

  absl::StatusOr<StubLoopResult> Run(int in_flight) {
    const grpc::Slice slice("some bytes");
    const grpc::ByteBuffer request(&slice, 1);
    return RunStubLoop(server_->InProcessChannel({}), request,
                       {.in_flight = in_flight, .seconds = 0.05, .warmup_seconds = 0.01});
  }

  Echo echo_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(StubLoopTest, CountsCallsAndTheirTimes) {
  for (const int in_flight : {1, 4}) {
    const auto result = Run(in_flight);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_DOUBLE_EQ(result->calls_per_s * 0.05, static_cast<double>(result->latencies.size()));
    EXPECT_LE(result->latencies.size(), static_cast<size_t>(echo_.calls));
    for (const double latency : result->latencies) EXPECT_GT(latency, 0);
    EXPECT_GT(result->cpu_seconds_per_call, 0);
  }
}

TEST_F(StubLoopTest, EndsWithTheFirstFailure) {
  echo_.good = 3;
  const auto result = Run(1);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(result.status().message(), "worn out");
  EXPECT_EQ(echo_.calls, 4);
}

}  // namespace
}  // namespace normbench
