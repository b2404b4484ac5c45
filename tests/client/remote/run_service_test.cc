// SPDX-License-Identifier: Apache-2.0
#include "client/remote/run_service.h"

#include <thread>

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using RunServiceTest = RunsServiceFixture;

TEST_F(RunServiceTest, CallsEveryMethod) {
  RunService service(remote_);
  const auto run = service.Submit(Small());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(service.Get(run->run_id())->state(), "queued");
  EXPECT_EQ(service.List({})->runs_size(), 1);
  EXPECT_EQ(service.Delete(run->run_id()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(service.Cancel(run->run_id())->state(), "cancelled");
  EXPECT_TRUE(service.Delete(run->run_id()).ok());
  EXPECT_EQ(service.Get(run->run_id()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(service.Submit({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(RunServiceTest, WaitsForAServerThatComesBack) {
  RunService service(remote_);
  v1::SubmitRequest request = Small();
  request.set_idempotency_key("k");
  ASSERT_TRUE(service.Submit(request).ok());
  StopListening();
  std::thread back([this] { Listen(); });
  const auto again = service.Submit(request);
  back.join();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(service.List({})->runs_size(), 1);
}

}  // namespace
}  // namespace normbench
