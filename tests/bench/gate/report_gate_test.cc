// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/report_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/gate/policy.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  Set(b->mutable_latency_all()->mutable_p50(), 1.2e-3, 1.6);
  EXPECT_EQ(Go().verdict(), "INCONCLUSIVE");
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
  v1::GatedMetric& metric = *policy_.add_metrics();
  metric.set_metric("mean");
  EXPECT_THAT(Error(), HasSubstr("mean has no interval in a report"));
  policy_.clear_metrics();
  policy_.add_metrics()->set_metric("samples_per_s");
  EXPECT_THAT(Error(), HasSubstr("none that a report has an interval of"));
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
  EXPECT_THAT(Error(), HasSubstr("cpu_model  / other"));
  options_.across_machines = true;
  EXPECT_EQ(Go().verdict(), "OK");
}

TEST(DifferencesOfTest, NamesWhatMattersForTimes) {
  v1::Environment a, b;
  a.set_host("one");
  b.set_host("two");
  a.set_git_sha("x");
  EXPECT_THAT(DifferencesOf(a, b), IsEmpty());
  b.set_cpus(4);
  (*b.mutable_libraries())["torch"] = "2.15.0";
  EXPECT_THAT(DifferencesOf(a, b), ElementsAre("cpus 0 / 4", "torch none / 2.15.0"));
}

}  // namespace
}  // namespace normbench
