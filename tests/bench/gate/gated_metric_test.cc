// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gated_metric.h"

#include <cmath>

#include "bench/report/metric.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/rounds_builder.h"

namespace normbench {
namespace {

const GateableMetric& MetricNamed(std::string_view name) {
  const GateableMetric* metric = FindGateable(name);
  EXPECT_NE(metric, nullptr) << name;
  return *metric;
}

TEST(FindGateable, KnowsWhichWayIsWorse) {
  for (const char* time : {"p50", "p90", "p99", "mean", "cpu_s_per_request"}) {
    EXPECT_TRUE(MetricNamed(time).lower_is_better) << time;
  }
  for (const char* rate : {"requests_per_s", "samples_per_s", "goodput_per_s"}) {
    EXPECT_FALSE(MetricNamed(rate).lower_is_better) << rate;
  }
  EXPECT_EQ(FindGateable("p999"), nullptr) << "too few samples in a short visit";
  EXPECT_EQ(FindGateable(""), nullptr);
  EXPECT_EQ(GateableNames().size(), 8U);
}

TEST(FindGateable, ReportsHaveAllButTheCpuTime) {
  for (const std::string& name : GateableNames()) {
    EXPECT_EQ(FindMetric(name) == nullptr, name == kCpuPerRequest) << name;
  }
}

TEST(AppliesTo, TailsAndRatesAreOfRequests) {
  EXPECT_TRUE(AppliesTo(MetricNamed("p50"), CaseKind::kKernel));
  EXPECT_FALSE(AppliesTo(MetricNamed("p99"), CaseKind::kKernel));
  EXPECT_TRUE(AppliesTo(MetricNamed("p99"), CaseKind::kService));
  EXPECT_TRUE(AppliesTo(MetricNamed("samples_per_s"), CaseKind::kModel));
  EXPECT_FALSE(AppliesTo(MetricNamed(kCpuPerRequest), CaseKind::kKernel));
  for (const std::string& name : GateableNames()) {
    EXPECT_FALSE(AppliesTo(MetricNamed(name), CaseKind::kInvariance)) << name;
  }
}

TEST(ObserveGateable, IsWhatTheVisitSaw) {
  auto result = Parse<v1::CaseResult>(
      "status: 'ok' samples_per_s: 250 latency_all { p50 { value: 0.002 low: 0.001 high: 0.003 } "
      "p99 { is_infinite: true } p90 { value: 0.01 } }");  // its requests waited for one another
  EXPECT_EQ(ObserveGateable(MetricNamed("p50"), result), 0.002);
  EXPECT_EQ(ObserveGateable(MetricNamed("p99"), result), kInfinity);
  EXPECT_EQ(ObserveGateable(MetricNamed("p90"), result), 0.01) << "without an interval";
  EXPECT_EQ(ObserveGateable(MetricNamed("samples_per_s"), result), 250);
  EXPECT_EQ(ObserveGateable(MetricNamed("goodput_per_s"), result), std::nullopt);
  EXPECT_EQ(ObserveGateable(MetricNamed(kCpuPerRequest), result), std::nullopt);
  result.mutable_latency_all()->mutable_p90()->clear_value();
  EXPECT_EQ(ObserveGateable(MetricNamed("p90"), result), std::nullopt) << "of too few requests";
  result.set_status("interrupted");
  EXPECT_EQ(ObserveGateable(MetricNamed("p50"), result), std::nullopt);
}

TEST(SamplesFor, TailsNeedMore) {
  EXPECT_EQ(SamplesFor(MetricNamed("p50")), 6);
  EXPECT_EQ(SamplesFor(MetricNamed("p90")), 36);
  EXPECT_EQ(SamplesFor(MetricNamed("p99")), 368);
  EXPECT_EQ(SamplesFor(MetricNamed("mean")), 1);
}

TEST(Worsening, IsAboveZeroWhereBIsWorse) {
  EXPECT_DOUBLE_EQ(Worsening(MetricNamed("p50"), 1, 1.1), std::log(1.1));
  EXPECT_DOUBLE_EQ(Worsening(MetricNamed("p50"), 1.1, 1), -std::log(1.1));
  EXPECT_DOUBLE_EQ(Worsening(MetricNamed("samples_per_s"), 1.1, 1), std::log(1.1));
  EXPECT_DOUBLE_EQ(Worsening(MetricNamed("samples_per_s"), 1, 1.1), -std::log(1.1));
}

TEST(Worsening, AnArmThatFailsIsInfinitelyWorse) {
  EXPECT_EQ(Worsening(MetricNamed("p50"), 1, kInfinity), kInfinity);
  EXPECT_EQ(Worsening(MetricNamed("p50"), kInfinity, 1), -kInfinity);
  EXPECT_EQ(Worsening(MetricNamed("p50"), kInfinity, kInfinity), 0);
  EXPECT_EQ(Worsening(MetricNamed("samples_per_s"), 100, 0), kInfinity);
  EXPECT_EQ(Worsening(MetricNamed("samples_per_s"), 0, 100), -kInfinity);
  EXPECT_EQ(Worsening(MetricNamed("samples_per_s"), 0, 0), 0);
}

}  // namespace
}  // namespace normbench
