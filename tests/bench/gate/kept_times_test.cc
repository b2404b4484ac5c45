// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/kept_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bench/gate/policy.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr double kT9 = 2.2621572;  // t of 9 degrees of freedom at 97.5 %

v1::GatedMetric Metric(const std::string& name, double margin, const std::string& cells = "") {
  v1::GatedMetric metric;
  metric.set_metric(name);
  metric.set_margin(margin);
  metric.set_cells(cells);
  return metric;
}

// A service case of ten visits that took `p50` seconds, each with a standard deviation of `sd`.
v1::CaseResult Service(const std::string& key, double p50, double sd) {
  v1::CaseResult result;
  result.set_key(key);
  result.set_kind("service");
  result.set_status("ok");
  result.set_visits(10);
  result.set_samples_per_s(1 / p50);
  v1::Quantile& quantile = *result.mutable_latency_all()->mutable_p50();
  const double factor = std::exp(kT9 * sd / std::sqrt(10));
  quantile.set_value(p50);
  quantile.set_low(p50 / factor);
  quantile.set_high(p50 * factor);
  quantile.set_ci_scope("visits");
  return result;
}

class KeptTimesTest : public ::testing::Test {
 protected:
  KeptTimesTest() {
    policy_ = DefaultPolicy("test");
    policy_.clear_metrics();
    *policy_.add_metrics() = Metric("p50", 0.05);
  }

  v1::Policy policy_;
};

TEST_F(KeptTimesTest, ChecksThatReportsHaveTheMetrics) {
  EXPECT_TRUE(CheckKeptMetrics(DefaultPolicy("test")).ok());
  *policy_.add_metrics() = Metric("goodput_per_s", 0.05);
  EXPECT_THAT(std::string(CheckKeptMetrics(policy_).message()),
              HasSubstr("goodput_per_s has no interval in a report; allowed: p50, p90, p99"));
  policy_.clear_metrics();
  *policy_.add_metrics() = Metric("samples_per_s", 0.05);
  EXPECT_THAT(std::string(CheckKeptMetrics(policy_).message()),
              HasSubstr("none that a report has an interval of"));
}

TEST_F(KeptTimesTest, ARateThatThePolicyNamesIsOpenAndNoneOfTheOthers) {
  policy_.add_cells()->add_key("k");
  KeptTimes alone(policy_);
  alone.Add(Service("k", 1e-3, 0.02), Service("k", 1.08e-3, 0.02));
  *policy_.add_metrics() = Metric("samples_per_s", 0.05);
  KeptTimes times(policy_);
  times.Add(Service("k", 1e-3, 0.02), Service("k", 1.08e-3, 0.02));
  EXPECT_FALSE(times.left_out());
  const auto verdicts = times.Decide();
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_EQ(verdicts[1].metric(), "samples_per_s");
  EXPECT_EQ(verdicts[1].verdict(), "INCONCLUSIVE");
  EXPECT_EQ(verdicts[1].confirmation(), kNotInReports);
  EXPECT_NEAR(verdicts[1].a(), 1000, 1e-6);
  EXPECT_NEAR(verdicts[1].b(), 1000 / 1.08, 1e-6);
  EXPECT_FALSE(verdicts[1].has_worse());
  EXPECT_EQ(verdicts[0].p_regressed(), alone.Decide()[0].p_regressed()) << "Holm";
}

TEST_F(KeptTimesTest, ARateThatOnlyTheDefaultNamesIsLeftOut) {
  *policy_.add_metrics() = Metric("samples_per_s", 0.05);
  KeptTimes times(policy_);
  v1::CaseResult kernel = Service("k", 1e-3, 0.02);
  kernel.set_kind("kernel");
  times.Add(kernel, kernel);
  EXPECT_FALSE(times.left_out()) << "it has none";
  EXPECT_FALSE(times.of_requests());
  times.Add(Service("s", 1e-3, 0.02), Service("s", 1e-3, 0.02));
  EXPECT_TRUE(times.left_out());
  EXPECT_TRUE(times.of_requests());
  EXPECT_THAT(times.Decide(), SizeIs(2));
}

TEST_F(KeptTimesTest, TheFirstMetricOfANameCounts) {
  policy_.clear_metrics();
  *policy_.add_metrics() = Metric("p50", 0.3, "in_flight=16");
  *policy_.add_metrics() = Metric("p50", 0.1);
  KeptTimes times(policy_);
  for (const char* key : {"k&in_flight=16", "k&in_flight=2"}) {
    times.Add(Service(key, 1e-3, 0.02), Service(key, 1e-3, 0.02));
  }
  const auto verdicts = times.Decide();
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_EQ(verdicts[0].margin(), 0.3);
  EXPECT_EQ(verdicts[1].margin(), 0.1);
}

// t of 18 degrees of freedom at 95 % and 80 %, and at 97.5 %.
constexpr double kOfOne = 1.7340636 + 0.8620487;
constexpr double kOfTwo = 2.1009220 + 0.8620487;

TEST_F(KeptTimesTest, NoiseIsThatOfAPairAndHidesWhatTenVisitsDoNotFind) {
  const auto noise = [this](int cells) {
    KeptTimes times(policy_);
    for (int i = 0; i < cells; ++i) {
      times.Add(Service("k", 1e-3, 0.03), Service("k", 1.05e-3, 0.04));
    }
    auto verdicts = times.Decide();
    EXPECT_FALSE(verdicts[0].has_detectable());
    times.AddNoise(&verdicts);
    return verdicts[0];
  };
  EXPECT_NEAR(noise(1).noise_sd(), 0.05, 1e-7);
  // Welch's degrees of freedom are 16.7 of at most 18.
  const double error = 0.05 / std::sqrt(10);
  EXPECT_NEAR(noise(1).detectable(), std::expm1(std::log(1.05) + kOfOne * error), 5e-4);
  EXPECT_NEAR(noise(2).detectable(), std::expm1(std::log(1.05) + kOfTwo * error), 5e-4);
}

TEST_F(KeptTimesTest, WithoutIntervalsThereIsNoNoise) {
  const auto is_open = [this](const v1::CaseResult& b) {
    KeptTimes times(policy_);
    times.Add(Service("k", 1e-3, 0.03), b);
    auto verdicts = times.Decide();
    times.AddNoise(&verdicts);
    return verdicts[0].verdict() == "INCONCLUSIVE" && !verdicts[0].has_worse() &&
           !verdicts[0].has_noise_sd() && !verdicts[0].has_detectable();
  };
  v1::CaseResult b = Service("k", 1e-3, 0.03);
  EXPECT_FALSE(is_open(b));
  b.mutable_latency_all()->mutable_p50()->set_high(INFINITY);  // edited by hand
  EXPECT_TRUE(is_open(b));
  b = Service("k", 1e-3, 0.03);
  b.mutable_latency_all()->mutable_p50()->set_ci_scope("process");
  EXPECT_TRUE(is_open(b));
}

TEST_F(KeptTimesTest, NoiseHidesNothingThatWasFound) {
  KeptTimes times(policy_);
  times.Add(Service("k", 1e-3, 0.5), Service("k", 5e-3, 0.5));
  auto verdicts = times.Decide();
  ASSERT_EQ(verdicts[0].confirmation(), kOneProcess);
  times.AddNoise(&verdicts);
  EXPECT_FALSE(verdicts[0].has_detectable());
}

class WhyTest : public KeptTimesTest {
 protected:
  // What is said of two cells, the first of which is quiet, where the verdict is `verdict`.
  std::string WhyOf(double sd, const std::string& verdict = "CONFIGURATION") {
    KeptTimes times(policy_);
    times.Add(Service("quiet", 1e-3, 0.01), Service("quiet", 1e-3, 0.01));
    times.Add(Service("loud", 1e-3, sd), Service("loud", 1e-3, sd));
    auto verdicts = times.Decide();
    times.AddNoise(&verdicts);
    v1::Comparison comparison;
    for (const v1::CellVerdict& cell : verdicts) *comparison.add_cells() = cell;
    comparison.set_verdict(verdict);
    times.ExplainNoise(&comparison);
    return comparison.why();
  }
};

TEST_F(WhyTest, SaysHowManyVisitsItWouldTake) {
  EXPECT_THAT(WhyOf(0.12), HasSubstr("in p50 of loud, more than 4 times its margin of 5 %: it "
                                     "would take about 14 visits a side as long as these, or a "
                                     "wider margin"));
  EXPECT_THAT(WhyOf(0.2), HasSubstr("visits a side as long as these (a run has at most 20), or "
                                    "longer ones, or a wider margin"));
  EXPECT_THAT(WhyOf(9), HasSubstr("it would take more than 10000 visits"));
}

TEST_F(WhyTest, SaysNothingOfOtherVerdicts) {
  EXPECT_THAT(WhyOf(0.2, "INCONCLUSIVE"), IsEmpty());
  EXPECT_THAT(WhyOf(0.2), Not(HasSubstr("quiet")));
}

}  // namespace
}  // namespace normbench
