// SPDX-License-Identifier: Apache-2.0
#include "client/service_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "bench/report/case_key.h"
#include "tests/client/fake_server.h"

namespace normbench {
namespace {

// Batch norm with running statistics needs every tensor that a request can carry.
Case MakeCase() {
  v1::ServiceCase service;
  auto* norm_case = service.mutable_norm_case();
  norm_case->mutable_spec()->set_norm("batch");
  for (const int dim : {3, 8, 4, 4}) norm_case->add_shape(dim);
  service.set_in_flight(2);
  Case c{.key = "", .spec = Canonical(service), .warmup_seconds = 0, .seconds = 0.05, .expect = {}};
  c.key = CaseKey(c.spec);
  return c;
}

TEST(ServiceCaseTest, ChecksAnswersAgainstTheReference) {
  FakeServer server;
  const CaseRun run = RunServiceCase(MakeCase(), server.session());
  EXPECT_FALSE(run.lost);
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_GT(run.result.requests(), 0);
  EXPECT_EQ(run.result.errors(), 0);
  EXPECT_EQ(run.result.distinct_outputs(), 1) << "timings in the answers do not count";
  ASSERT_TRUE(run.result.has_norm_accuracy());
  EXPECT_LE(run.result.norm_accuracy().err_scaled(), 1.01) << "the reference rounded to float";
  EXPECT_EQ(run.result.norm_accuracy().nonfinite_mismatches(), 0);
}

TEST(ServiceCaseTest, NamesTheImplementationThatRan) {
  FakeServer server;
  const CaseRun run = RunServiceCase(MakeCase(), server.session());
  EXPECT_EQ(run.result.service().norm_case().impl(), "reference");
  EXPECT_NE(run.result.key().find("impl=auto"), std::string::npos) << "the key stays";
}

TEST(ServiceCaseTest, AServerThatDiesMidRunLeavesWhatWasMeasured) {
  FakeServer server;
  Case c = MakeCase();
  c.seconds = 60;
  std::thread killer([&] {
    while (server.normalization.calls < 100) std::this_thread::yield();
    server.Stop();
  });
  const CaseRun run = RunServiceCase(c, server.session());
  killer.join();
  EXPECT_TRUE(run.lost);
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "UNAVAILABLE");
  EXPECT_GT(run.result.requests(), 10);
  EXPECT_TRUE(run.result.has_norm_accuracy());
}

TEST(ServiceCaseTest, FindsAWrongAnswer) {
  FakeServer server;
  server.normalization.offset = 0.01f;
  const CaseRun run = RunServiceCase(MakeCase(), server.session());
  EXPECT_GT(run.result.norm_accuracy().err_scaled(), run.result.norm_accuracy().bound());
}

TEST(ServiceCaseTest, CarriesTheWordsOfARefusal) {
  FakeServer server;
  server.normalization.refuse = true;
  const CaseRun run = RunServiceCase(MakeCase(), server.session());
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "RESOURCE_EXHAUSTED")
      << "not UNAVAILABLE: the server is there";
  EXPECT_THAT(run.result.error(), ::testing::HasSubstr("slots: 1 of 1 in use"));
}

TEST(ServiceCaseTest, SaysWhenTheServerIsGone) {
  FakeServer server;
  server.Stop();
  EXPECT_TRUE(RunServiceCase(MakeCase(), server.session()).lost);
}

}  // namespace
}  // namespace normbench
