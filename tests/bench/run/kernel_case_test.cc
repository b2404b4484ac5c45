// SPDX-License-Identifier: Apache-2.0
#include "bench/run/kernel_case.h"

#include <gtest/gtest.h>

#include "bench/report/case_key.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

Case MakeCase(const std::string& impl) {
  v1::NormCase norm_case;
  norm_case.mutable_spec()->set_norm("group");
  for (const int dim : {1, 32, 4, 4}) norm_case.add_shape(dim);
  norm_case.set_impl(impl);
  Case c{.key = "",
         .spec = Canonical(norm_case),
         .warmup_seconds = 0.01,
         .seconds = 0.1,
         .expect = {}};
  c.key = CaseKey(c.spec);
  return c;
}

TEST(KernelCaseTest, TurnsTheServersSamplesIntoAResult) {
  FakeServer server;
  const CaseRun run = RunKernelCase(MakeCase("torch"), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_EQ(run.result.key(), MakeCase("torch").key);
  EXPECT_NEAR(run.result.latency_ok().p50().value(), 1.03e-5, 1e-12);
  EXPECT_EQ(run.result.norm_accuracy().err_scaled(), 1);
}

TEST(KernelCaseTest, ARefusedCaseFailsWithTheServersWords) {
  FakeServer server;
  const CaseRun run = RunKernelCase(MakeCase("nobody"), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "NOT_FOUND");
}

TEST(KernelCaseTest, AForeignServerCannotMeasureKernels) {
  FakeServer server(/*foreign=*/true);
  const CaseRun run = RunKernelCase(MakeCase("torch"), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.error_code(), "UNIMPLEMENTED");
  EXPECT_NE(run.result.error().find("the server does not offer this method"), std::string::npos);
}

TEST(KernelCaseTest, AnInterruptedCaseIsSkipped) {
  FakeServer server;
  server.benchmark.hang = true;
  server.benchmark.on_call = [&] { server.stop = true; };
  const CaseRun run = RunKernelCase(MakeCase("torch"), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.status(), "skipped");
}

TEST(KernelCaseTest, ASilentServerIsLostWhenTheSessionsPatienceEnds) {
  FakeServer server;
  server.benchmark.hang = true;
  Session session = server.session();
  session.patience_seconds = 0.2;
  const CaseRun run = RunKernelCase(MakeCase("torch"), session);
  EXPECT_TRUE(run.lost);
  EXPECT_NE(run.result.error().find("the server said nothing for 0.2 s"), std::string::npos)
      << run.result.error();
}

TEST(KernelCaseTest, SaysWhenTheServerIsGone) {
  FakeServer server;
  server.Stop();
  const CaseRun run = RunKernelCase(MakeCase("torch"), server.session());
  EXPECT_TRUE(run.lost);
  EXPECT_EQ(run.result.status(), "failed");
}

Case MakeInvarianceCase(const std::string& impl) {
  Case c;
  c.key = "invariance/rms?impl=" + impl + "&shape=1x8&dtype=f32&layout=nchw&dev=cpu";
  c.spec = *ParseCaseKey(c.key);
  return c;
}

TEST(InvarianceCaseTest, TurnsWhatTheServerFoundIntoAResult) {
  FakeServer server;
  const CaseRun run = RunInvarianceCase(MakeInvarianceCase("torch"), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_EQ(run.result.invariance_numbers().all().equal(), 380);
  EXPECT_EQ(run.result.warnings_size(), 1);
}

TEST(InvarianceCaseTest, FailsAndStopsAsKernelCasesDo) {
  FakeServer server;
  const CaseRun refused = RunInvarianceCase(MakeInvarianceCase("nobody"), server.session());
  EXPECT_EQ(refused.result.error_code(), "NOT_FOUND");
  server.benchmark.hang = true;
  server.benchmark.on_call = [&] { server.stop = true; };
  EXPECT_EQ(RunInvarianceCase(MakeInvarianceCase("torch"), server.session()).result.status(),
            "skipped");
  server.Stop();
  server.stop = false;
  EXPECT_TRUE(RunInvarianceCase(MakeInvarianceCase("torch"), server.session()).lost);
}

}  // namespace
}  // namespace normbench
