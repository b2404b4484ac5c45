// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/report_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/gate/kept_times.h"
#include "bench/gate/policy.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kKernel[] = "norm/rms?impl=native&shape=8x768&dtype=f32&layout=nchw&dev=cpu";

// A quantile that ten visits agree on within `within`.
void Set(v1::Quantile* quantile, double value, double within = 1.02) {
  quantile->set_value(value);
  quantile->set_low(value / within);
  quantile->set_high(value * within);
  quantile->set_ci_scope("visits");
}

v1::CaseResult* AddKernel(v1::Report* report, const std::string& key, double p50) {
  v1::CaseResult* result = report->add_cases();
  result->set_key(key);
  result->set_kind("kernel");
  result->set_status("ok");
  result->set_visits(10);
  Set(result->mutable_latency_all()->mutable_p50(), p50);
  result->mutable_norm_accuracy()->set_err_scaled(2);
  result->mutable_norm_accuracy()->set_bound(20);
  return result;
}

v1::CaseResult* AddService(v1::Report* report, const std::string& parameters) {
  v1::CaseResult* result =
      AddKernel(report, "service/rms?impl=native&shape=8x768&dev=cpu&" + parameters, 1e-3);
  result->set_kind("service");
  return result;
}

class ReportGateTest : public ::testing::Test {
 protected:
  ReportGateTest() { AddKernel(&a_, kKernel, 1e-3); }

  v1::Comparison Go() {
    const auto comparison = CompareReports(policy_, a_, b_, options_);
    EXPECT_TRUE(comparison.ok()) << comparison.status();
    return comparison.ok() ? *comparison : v1::Comparison();
  }
  std::string Error() {
    return std::string(CompareReports(policy_, a_, b_, options_).status().message());
  }

  v1::Policy policy_ = DefaultPolicy("test");
  v1::Report a_, b_;
  ReportGateOptions options_;
};

TEST_F(ReportGateTest, FollowsTheIntervals) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 1e-3);
  EXPECT_EQ(Go().verdict(), "OK");
  Set(b->mutable_latency_all()->mutable_p50(), 1.2e-3);
  EXPECT_EQ(Go().verdict(), "INCONCLUSIVE");
  EXPECT_EQ(Go().cells(0).confirmation(), kOneProcess);
  Set(b->mutable_latency_all()->mutable_p50(), 0.8e-3);
  EXPECT_EQ(Go().verdict(), "IMPROVED");
  Set(b->mutable_latency_all()->mutable_p50(), 1.05e-3);
  EXPECT_EQ(Go().verdict(), "INCONCLUSIVE");
}

TEST_F(ReportGateTest, NoiseThatHidesTooMuchIsNoPolicy) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 1e-3);
  Set(b->mutable_latency_all()->mutable_p50(), 1.2e-3, 1.6);
  EXPECT_EQ(Go().verdict(), "CONFIGURATION");
  EXPECT_EQ(Go().exit_code(), 2);
  EXPECT_THAT(Go().why(), HasSubstr("visits a side as long as these (a run has at most 20)"));
  policy_.set_max_detectable(100);
  EXPECT_EQ(Go().verdict(), "INCONCLUSIVE");
  policy_.set_max_detectable(4);
  b->mutable_norm_accuracy()->set_err_scaled(50);
  EXPECT_EQ(Go().exit_code(), 4) << "wrong, however noisy";
}

TEST_F(ReportGateTest, TheBoundsAreThoseOfTheRatio) {
  AddKernel(&b_, kKernel, 1.1e-3);
  const v1::CellVerdict cell = Go().cells(0);
  EXPECT_NEAR(cell.worse(), 0.1, 1e-9);
  EXPECT_LT(cell.low(), cell.worse());
  EXPECT_GT(cell.low(), 0.05);
  EXPECT_GT(cell.high(), cell.worse());
  EXPECT_EQ(cell.rounds(), 10);
}

TEST_F(ReportGateTest, ASingleVisitSaysNothing) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 5e-3);
  EXPECT_EQ(Go().cells(0).confirmation(), kOneProcess);
  b->mutable_latency_all()->mutable_p50()->set_ci_scope("process");
  EXPECT_EQ(Go().verdict(), "INCONCLUSIVE");
  EXPECT_EQ(Go().cells(0).confirmation(), "");
  b->mutable_latency_all()->mutable_p50()->set_ci_scope("visits");
  b->set_visits(1);  // edited by hand
  EXPECT_EQ(Go().cells(0).confirmation(), "");
}

TEST_F(ReportGateTest, WhatTheCandidateFailedIsNoQuestionOfTime) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 1e-3);
  b->mutable_latency_all()->mutable_p50()->set_is_infinite(true);
  EXPECT_EQ(Go().exit_code(), 1);
  EXPECT_THAT(Go().why(), HasSubstr("more than half of the requests failed"));
  b->set_status("failed");
  b->set_error("no such model");
  EXPECT_EQ(Go().verdict(), "FAILED");
  EXPECT_THAT(Go().why(), HasSubstr("failed in the candidate: no such model"));
  a_.mutable_cases(0)->set_status("failed");
  EXPECT_NE(Go().verdict(), "FAILED");
}

TEST_F(ReportGateTest, MetricsWithoutAnIntervalAreRefused) {
  AddKernel(&b_, kKernel, 1e-3);
  policy_.add_metrics()->set_metric("mean");
  EXPECT_THAT(Error(), HasSubstr("mean has no interval in a report"));
}

TEST_F(ReportGateTest, RatesAreANoteOrOpen) {
  AddKernel(&b_, kKernel, 1e-3);
  EXPECT_THAT(Go().notes(), IsEmpty());
  AddService(&a_, "in_flight=1")->set_samples_per_s(4000);
  AddService(&b_, "in_flight=1")->set_samples_per_s(2000);
  EXPECT_THAT(Go().notes(), ElementsAre(HasSubstr("samples_per_s is left out")));
  policy_.add_cells()->add_key("service/rms?impl=native&shape=8x768");
  const v1::Comparison named = Go();
  EXPECT_THAT(named.notes(), IsEmpty());
  EXPECT_EQ(named.exit_code(), 5);
  EXPECT_EQ(named.cells().rbegin()->metric(), "samples_per_s");
  EXPECT_EQ(named.cells().rbegin()->confirmation(), kNotInReports);
}

TEST_F(ReportGateTest, SharesOfRightImagesAreCompared) {
  for (v1::Report* report : {&a_, &b_}) {
    v1::CaseResult* result =
        report == &a_ ? report->mutable_cases(0) : AddKernel(report, kKernel, 1e-3);
    result->mutable_model_accuracy()->set_images(1000);
    result->mutable_model_accuracy()->set_top1(report == &a_ ? 0.8 : 0.6);
  }
  EXPECT_EQ(Go().exit_code(), 4);
  b_.mutable_cases(0)->mutable_model_accuracy()->set_top1(0.79);
  EXPECT_NE(Go().exit_code(), 4);
  EXPECT_FALSE(Go().accuracy().unchanged());
}

TEST_F(ReportGateTest, NeitherDoesAClientThatWasTooSlow) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 5e-3);
  b->mutable_open_loop()->set_client_limited(true);
  EXPECT_EQ(Go().cells(0).confirmation(), "");
}

TEST_F(ReportGateTest, AnswersAreComparedWhateverTheTimes) {
  v1::CaseResult* b = AddKernel(&b_, kKernel, 1e-3);
  b->mutable_norm_accuracy()->set_err_scaled(30);
  EXPECT_EQ(Go().exit_code(), 4);
  b->mutable_latency_all()->mutable_p50()->set_ci_scope("process");
  EXPECT_EQ(Go().exit_code(), 4);
}

TEST_F(ReportGateTest, OnlyCommonCellsThatThePolicyNames) {
  AddKernel(&b_, "norm/rms?impl=native&shape=9x768&dtype=f32&layout=nchw&dev=cpu", 1e-3);
  EXPECT_THAT(Error(), HasSubstr("the reports have no common case"));
  AddKernel(&b_, kKernel, 1e-3);
  AddKernel(&a_, "norm/rms?impl=native&shape=7x768&dtype=f32&layout=nchw&dev=cpu", 1e-3);
  EXPECT_EQ(Go().cells_size(), 1);
  policy_.add_cells()->add_key("norm/rms?impl=native&shape=8x768");
  EXPECT_EQ(Go().cells_size(), 1);
  policy_.mutable_cells(0)->set_key(0, "norm/rms?impl=native&shape=9x768");
  EXPECT_THAT(Error(),
              HasSubstr("the cell that the policy names: norm/rms?impl=native&shape=9x768"));
}

TEST_F(ReportGateTest, ACellOfThePolicyIsNoOtherOne) {
  const std::string others[] = {"in_flight=16", "in_flight=1&threads=4", "arrivals=poisson:20",
                                "arrivals=poisson:200"};
  for (v1::Report* report : {&a_, &b_}) {
    for (const std::string& parameters : others) AddService(report, parameters);
    AddService(report, "in_flight=1");
  }
  policy_.clear_metrics();
  policy_.add_metrics()->set_metric("p50");
  policy_.mutable_metrics(0)->set_margin(0.05);
  const std::string common = "service/rms?impl=native&shape=8x768&";
  std::string* named = policy_.add_cells()->add_key();
  for (const char* parameters :
       {"in_flight=1", "in_flight=16", "threads=4", "arrivals=poisson:20", "dev=cpu"}) {
    *named = common + parameters;
    EXPECT_THAT(Go().cells(), SizeIs(1)) << parameters;
  }
  *named = common + "in_flight=1";
  EXPECT_THAT(Go().cells(0).key(), HasSubstr("dev=cpu&in_flight=1"));
  *named = common + "in_flight=2";
  EXPECT_THAT(Error(), HasSubstr("the cell that the policy names"));
  *named = common + "dev=cuda:0";
  EXPECT_THAT(Error(), HasSubstr("the cell that the policy names"));
}

TEST_F(ReportGateTest, WhatOnlyTheBaselineHasIsANote) {
  AddKernel(&b_, kKernel, 1e-3);
  for (int i = 1; i <= 12; ++i) {
    AddKernel(&a_, "norm/rms?impl=native&shape=" + std::to_string(i) + "x4", 1e-3);
  }
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.verdict(), "OK");
  ASSERT_THAT(comparison.notes(), SizeIs(11));
  EXPECT_EQ(comparison.notes(0), "only in the baseline: norm/rms?impl=native&shape=1x4");
  EXPECT_EQ(comparison.notes(10), "only in the baseline: 2 more cases");
  policy_.add_cells()->add_key("norm/rms?impl=native&shape=8x768");
  EXPECT_THAT(Go().notes(), IsEmpty());
}

TEST_F(ReportGateTest, HolmGoesOverAllCells) {
  for (int i = 1; i <= 30; ++i) {
    const std::string key = "norm/rms?impl=native&shape=" + std::to_string(i) + "x4";
    AddKernel(&a_, key, 1e-3);
    AddKernel(&b_, key, 1e-3);
  }
  AddKernel(&b_, kKernel, 1.083e-3);
  v1::Policy alone = policy_;
  alone.add_cells()->add_key("norm/rms?impl=native&shape=8x768");
  EXPECT_EQ(CompareReports(alone, a_, b_, {})->cells(0).confirmation(), kOneProcess);
  EXPECT_EQ(Go().cells(0).confirmation(), "");
}

TEST_F(ReportGateTest, TimesOfAnotherMachineAreRefused) {
  AddKernel(&b_, kKernel, 1e-3);
  b_.mutable_server()->set_cpu_model("other");
  EXPECT_THAT(Error(), HasSubstr("cpu model unknown | other"));
  options_.across_machines = true;
  EXPECT_EQ(Go().verdict(), "OK");
}

TEST_F(ReportGateTest, WrongAnswersOfAnotherMachineAreTold) {
  AddKernel(&b_, kKernel, 1e-3)->mutable_norm_accuracy()->set_err_scaled(30);
  b_.mutable_server()->set_threads_per_worker(2);
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.exit_code(), 4);
  EXPECT_THAT(comparison.accuracy().worse(), ElementsAre(HasSubstr("err_scaled 2.00 -> 30.0")));
  EXPECT_THAT(comparison.cells(), IsEmpty());
  EXPECT_THAT(comparison.notes(), ElementsAre(HasSubstr("threads per worker unknown | 2")));
}

TEST_F(ReportGateTest, ClientsMatterForRequestsOnly) {
  AddKernel(&b_, kKernel, 1e-3);
  b_.mutable_client()->set_cpus(64);
  EXPECT_EQ(Go().verdict(), "OK");
  AddService(&a_, "in_flight=1");
  AddService(&b_, "in_flight=1");
  EXPECT_THAT(Error(), HasSubstr("client's cpus unknown | 64"));
}

}  // namespace
}  // namespace normbench
