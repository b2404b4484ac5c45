// SPDX-License-Identifier: Apache-2.0
#include "bench/run/service_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "bench/report/case_key.h"
#include "tests/bench/run/fake_server.h"

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
  EXPECT_EQ(run.result.ended_by(), "time");
  EXPECT_GT(run.result.requests(), 0);
  EXPECT_EQ(run.result.errors(), 0);
  EXPECT_EQ(run.result.distinct_outputs(), 1) << "timings in the answers do not count";
  ASSERT_TRUE(run.result.has_norm_accuracy());
  EXPECT_LE(run.result.norm_accuracy().err_scaled(), 1.01) << "the reference rounded to float";
  EXPECT_EQ(run.result.norm_accuracy().nonfinite_mismatches(), 0);
}

TEST(ServiceCaseTest, SendsAndChecksEveryDTypeAndLayout) {
  FakeServer server;
  for (const char* dtype : {"f16", "bf16"}) {
    for (const char* layout : {"nchw", "nhwc"}) {
      Case c = MakeCase();
      auto* norm_case = std::get<v1::ServiceCase>(c.spec).mutable_norm_case();
      norm_case->set_dtype(dtype);
      norm_case->set_layout(layout);
      c.key = CaseKey(c.spec);
      const CaseRun run = RunServiceCase(c, server.session());
      EXPECT_EQ(run.result.status(), "ok") << run.result.error();
      EXPECT_LE(run.result.norm_accuracy().err_scaled(), 1.01) << c.key;
      EXPECT_EQ(run.result.norm_accuracy().misrounded(), 0) << c.key;
      EXPECT_TRUE(run.result.norm_accuracy().has_misrounded()) << c.key;
      const bool nhwc = layout == std::string("nhwc");
      EXPECT_EQ(std::ranges::count(run.result.warnings(), "NB111"), nhwc ? 1 : 0) << c.key;
    }
  }
}

// Each row of the last dimension is a sample to the norm, but not to the rate.
TEST(ServiceCaseTest, CountsTheSamplesOfTheTensor) {
  FakeServer server;
  Case c = MakeCase();
  auto* norm_case = std::get<v1::ServiceCase>(c.spec).mutable_norm_case();
  *norm_case->mutable_spec() = {};
  norm_case->mutable_spec()->set_norm("layer");
  norm_case->mutable_spec()->set_trailing(1);
  c.spec = Canonical(c.spec);
  const CaseRun run = RunServiceCase(c, server.session());
  ASSERT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_LE(run.result.norm_accuracy().err_scaled(), 1.01);
  EXPECT_NEAR(run.result.samples_per_s() / run.result.requests_per_s(), 3, 1e-9);
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
  server.normalization.refuse = std::numeric_limits<int>::max();
  const CaseRun run = RunServiceCase(MakeCase(), server.session());
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "RESOURCE_EXHAUSTED")
      << "not UNAVAILABLE: the server is there";
  EXPECT_THAT(run.result.error(), ::testing::HasSubstr("slots: 1 of 1 in use"));
}

TEST(ServiceCaseTest, AnOpenLoopCountsFromItsSchedule) {
  FakeServer server;
  Case c = MakeCase();
  auto& service = std::get<v1::ServiceCase>(c.spec);
  service.mutable_load()->set_arrivals("constant:400");
  service.mutable_load()->set_deadline_seconds(5);
  c.seconds = 0.5;
  const CaseRun run = RunServiceCase(c, server.session());
  EXPECT_EQ(run.result.status(), "ok") << run.result.error();
  EXPECT_EQ(run.result.open_loop().offered(), 200);
  EXPECT_EQ(run.result.requests(), 200);
  EXPECT_DOUBLE_EQ(run.result.open_loop().offered_per_s(), 400);
  EXPECT_GT(run.result.goodput_per_s(), 0);
  EXPECT_EQ(run.result.latency_all().loop(), "open");
  EXPECT_LE(run.result.norm_accuracy().err_scaled(), 1.01);
}

// The schedule goes on without a server; that the case has numbers must not hide that it is gone.
TEST(ServiceCaseTest, AServerThatDiesInAnOpenLoopIsSuspected) {
  FakeServer server;
  Case c = MakeCase();
  std::get<v1::ServiceCase>(c.spec).mutable_load()->set_arrivals("constant:200");
  c.seconds = 1;
  std::thread killer([&] {
    while (server.normalization.calls < 50) std::this_thread::yield();
    server.Stop();
  });
  const CaseRun run = RunServiceCase(c, server.session());
  killer.join();
  EXPECT_EQ(run.result.status(), "ok") << "half of it succeeded";
  EXPECT_GT(run.result.errors(), 10);
  EXPECT_EQ(run.result.ended_by(), "schedule");
  EXPECT_TRUE(run.lost);
}

TEST(ServiceCaseTest, SaysWhenTheServerIsGone) {
  FakeServer server;
  server.Stop();
  EXPECT_TRUE(RunServiceCase(MakeCase(), server.session()).lost);
}

}  // namespace
}  // namespace normbench
