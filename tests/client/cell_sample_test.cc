// SPDX-License-Identifier: Apache-2.0
#include "client/cell_sample.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace normbench {
namespace {

GatedCell CellOf(std::initializer_list<const char*> metrics) {
  GatedCell cell{.c = {.key = "x", .spec = {}, .expect = {}}, .metrics = {}};
  for (const char* name : metrics) {
    v1::GatedMetric metric;
    metric.set_metric(name);
    cell.metrics.push_back(metric);
  }
  return cell;
}

v1::CaseResult Result() {
  v1::CaseResult result;
  result.set_kind("service");
  result.set_status("ok");
  result.set_requests(60);
  result.set_errors(10);
  result.set_warmup_discarded(30);
  result.set_measured_seconds(0.5);
  result.mutable_latency_all()->set_n(55);
  result.mutable_latency_all()->mutable_p50()->set_value(0.25);
  result.mutable_norm_accuracy()->set_err_scaled(3);
  result.mutable_open_loop()->set_client_limited(true);
  return result;
}

TEST(CellSampleTest, KeepsWhatIsGated) {
  const v1::CellSample sample = SampleFrom(CellOf({"p50"}), Result(), 2);
  EXPECT_EQ(sample.key(), "x");
  EXPECT_EQ(sample.metrics().size(), 1U) << "no more than was asked for";
  EXPECT_EQ(sample.metrics().at("p50"), 0.25);
  EXPECT_EQ(sample.n(), 55);
  EXPECT_EQ(sample.seconds(), 0.5);
  EXPECT_EQ(sample.accuracy().err_scaled(), 3);
  EXPECT_TRUE(sample.client_limited());
}

TEST(CellSampleTest, SharesCpuTimeOutOverAllRequests) {
  const GatedCell cell = CellOf({"cpu_s_per_request"});
  EXPECT_DOUBLE_EQ(SampleFrom(cell, Result(), 2).metrics().at("cpu_s_per_request"), 0.02)
      << "those that failed and those of the warm-up took some, too";
}

TEST(CellSampleTest, WhatIsNotKnownHasNoValue) {
  const GatedCell cell = CellOf({"cpu_s_per_request"});
  EXPECT_TRUE(SampleFrom(cell, Result(), 0).metrics().empty()) << "a server at an address";
  EXPECT_TRUE(SampleFrom(cell, v1::CaseResult(), 2).metrics().empty());
}

}  // namespace
}  // namespace normbench
