// SPDX-License-Identifier: Apache-2.0
#include "client/remote/run_service.h"

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

}  // namespace
}  // namespace normbench
