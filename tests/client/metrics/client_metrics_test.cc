// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/client_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/metrics/case_label.h"
#include "prometheus/text_serializer.h"
#include "tests/metrics_table.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const std::shared_ptr<prometheus::Registry>& registry) {
  return prometheus::TextSerializer().Serialize(registry->Collect());
}

LoopProgress Shown(const Recorder& recorder, int64_t dropped = 0) {
  return {.warming_up = false, .dropped = dropped, .recorder = &recorder};
}

class ClientMetricsTest : public ::testing::Test {
 protected:
  std::string Live() { return Text(metrics_.live()); }
  std::string Results() { return Text(metrics_.results()); }
  // The series of `name` with these labels and the label of kKey.
  std::string Series(const std::string& name, const std::string& labels) {
    return absl::StrCat(name, "{case=\"", CaseLabel(kKey), "\"", labels, "}");
  }

  static constexpr const char* kKey = "service/rms?shape=8x768";
  ClientMetrics metrics_{"smoke"};
};

TEST_F(ClientMetricsTest, CountsWhatALoopShowsOnce) {
  metrics_.BeginCase(kKey);
  Recorder recorder;
  recorder.Add({.latency_seconds = 1e-3});
  metrics_.Observe(Shown(recorder));
  recorder.Add({.latency_seconds = 0.1});
  recorder.Add({.latency_seconds = 0.1, .code = 14});
  recorder.Add({.latency_seconds = 0.1, .ragged = true});
  metrics_.Observe(Shown(recorder));
  metrics_.Observe(Shown(recorder));
  const std::string live = Live();
  EXPECT_THAT(live, HasSubstr(Series("normbench_client_requests_total", ",code=\"OK\"") + " 3\n"));
  EXPECT_THAT(live,
              HasSubstr(Series("normbench_client_requests_total", ",code=\"UNAVAILABLE\"") + " 1"));
  EXPECT_THAT(
      live, HasSubstr(Series("normbench_client_latency_seconds_count", ",from=\"sent\"") + " 2\n"))
      << "successes, without the ragged one";
  EXPECT_THAT(
      live, HasSubstr(Series("normbench_client_latency_seconds_sum", ",from=\"sent\"") + " 0.101"));
  EXPECT_THAT(live, Not(HasSubstr("from=\"scheduled\""))) << "a closed loop has no schedule";
}

TEST_F(ClientMetricsTest, AnOpenLoopHasBothLatenciesLagAndDrops) {
  metrics_.BeginCase(kKey);
  Recorder recorder(/*open=*/true);
  recorder.Add({.latency_seconds = 0.25, .lag_seconds = 0.5});
  recorder.Add({.latency_seconds = 0.25, .code = 4, .lag_seconds = 0.5});
  metrics_.Observe(Shown(recorder, 3));
  metrics_.Observe(Shown(recorder, 5));
  const std::string live = Live();
  const char* sum = "normbench_client_latency_seconds_sum";
  EXPECT_THAT(live, HasSubstr(Series(sum, ",from=\"sent\"") + " 0.25\n"));
  EXPECT_THAT(live, HasSubstr(Series(sum, ",from=\"scheduled\"") + " 0.75\n"));
  EXPECT_THAT(live, HasSubstr(Series("normbench_client_send_lag_seconds_sum", "") + " 1\n"));
  EXPECT_THAT(live, HasSubstr(Series("normbench_client_dropped_total", "") + " 5\n"));
}

TEST_F(ClientMetricsTest, SeveralLoopsOfACaseAddUp) {
  metrics_.BeginCase(kKey);
  for (int loop = 0; loop < 3; ++loop) {
    Recorder recorder;
    metrics_.Observe(Shown(recorder, 0));
    for (int i = 0; i < 5; ++i) recorder.Add({.latency_seconds = 1e-3});
    metrics_.Observe(Shown(recorder, 2));
  }
  EXPECT_THAT(Live(),
              HasSubstr(Series("normbench_client_requests_total", ",code=\"OK\"") + " 15\n"));
  EXPECT_THAT(Live(), HasSubstr(Series("normbench_client_dropped_total", "") + " 6\n"));
}

TEST_F(ClientMetricsTest, CpuTimeGrowsWhileALoopRuns) {
  metrics_.BeginCase(kKey);
  Recorder recorder;
  double spent = 0;
  while (spent == 0) {
    metrics_.Observe(Shown(recorder));
    for (const auto& family : metrics_.live()->Collect()) {
      if (family.name == "normbench_client_cpu_seconds_total") {
        spent = family.metric.at(0).counter.value;
      }
    }
  }
  EXPECT_GT(spent, 0);
}

v1::CaseResult Finished() {
  v1::CaseResult result;
  result.set_status("ok");
  v1::Quantile* p50 = result.mutable_latency_all()->mutable_p50();
  p50->set_value(0.5);
  p50->set_low(0.25);
  p50->set_high(0.75);
  result.mutable_latency_all()->mutable_p99()->set_is_infinite(true);
  result.set_samples_per_s(800);
  result.set_requests(90);
  result.set_errors(10);
  result.mutable_norm_accuracy()->set_err_scaled(1.5);
  result.mutable_norm_accuracy()->set_bound(12);
  result.mutable_norm_accuracy()->set_nonfinite_mismatches(3);
  return result;
}

TEST_F(ClientMetricsTest, AFinishedCaseIsGauges) {
  metrics_.BeginCase(kKey);
  metrics_.EndCase(Finished());
  const std::string results = Results();
  const auto quantile = [&](const char* bound, const char* name) {
    return absl::StrCat("normbench_case_latency_seconds{bound=\"", bound, "\",case=\"",
                        CaseLabel(kKey), "\",quantile=\"", name, "\",sweep=\"smoke\"}");
  };
  EXPECT_THAT(results, HasSubstr(quantile("est", "0.5") + " 0.5\n"));
  EXPECT_THAT(results, HasSubstr(quantile("lo", "0.5") + " 0.25\n"));
  EXPECT_THAT(results, HasSubstr(quantile("hi", "0.5") + " 0.75\n"));
  EXPECT_THAT(results, HasSubstr(quantile("est", "0.99") + " +Inf\n"));
  EXPECT_THAT(results, Not(HasSubstr(quantile("est", "0.9")))) << "cannot be said";
  const std::string sweep = ",sweep=\"smoke\"";
  EXPECT_THAT(results,
              HasSubstr(Series("normbench_case_throughput_samples_per_second", sweep) + " 800\n"));
  EXPECT_THAT(results, HasSubstr(Series("normbench_case_error_ratio", sweep) + " 0.1\n"));
  EXPECT_THAT(results, HasSubstr(Series("normbench_case_scaled_error", sweep) + " 1.5\n"));
  EXPECT_THAT(results, HasSubstr(Series("normbench_case_scaled_error_bound", sweep) + " 12\n"));
  EXPECT_THAT(results, HasSubstr(Series("normbench_case_nonfinite_mismatches", sweep) + " 3\n"));
  EXPECT_THAT(results, HasSubstr(absl::StrCat("normbench_case_info{case=\"", CaseLabel(kKey),
                                              "\",key=\"", kKey, "\"} 1\n")));
  EXPECT_THAT(results, Not(HasSubstr("client_limited{")));
}

TEST_F(ClientMetricsTest, OpenLoopsSayWhetherTheClientWasTheLimit) {
  metrics_.BeginCase(kKey);
  v1::CaseResult result = Finished();
  result.mutable_open_loop()->set_client_limited(true);
  result.mutable_open_loop()->set_dropped(100);
  metrics_.EndCase(result);
  const std::string sweep = ",sweep=\"smoke\"";
  EXPECT_THAT(Results(), HasSubstr(Series("normbench_case_client_limited", sweep) + " 1\n"));
  EXPECT_THAT(Results(), HasSubstr(Series("normbench_case_error_ratio", sweep) + " 0.55\n"))
      << "drops are failures";
}

TEST_F(ClientMetricsTest, ACaseThatFailedBeforeItsFirstRequestFailedWhole) {
  metrics_.BeginCase(kKey);
  v1::CaseResult failed;
  failed.set_status("failed");
  metrics_.EndCase(failed);
  EXPECT_THAT(Results(),
              HasSubstr(Series("normbench_case_error_ratio", ",sweep=\"smoke\"") + " 1\n"));
}

TEST_F(ClientMetricsTest, OnlyASuccessHasATime) {
  v1::Report report;
  report.set_run_id("an-id");
  report.set_exit_code(3);
  metrics_.EndRun(report, 1700000000.5);
  EXPECT_THAT(Results(), HasSubstr("normbench_run_info{run_id=\"an-id\",sweep=\"smoke\"} 1\n"));
  EXPECT_THAT(Results(), Not(HasSubstr("last_success_timestamp_seconds{")));
  report.set_exit_code(0);
  metrics_.EndRun(report, 1700000000.5);
  EXPECT_THAT(Results(), HasSubstr("normbench_run_last_success_timestamp_seconds{sweep=\"smoke\"} "
                                   "1700000000.5"));
}

TEST_F(ClientMetricsTest, CasesBeyondTheLimitAreRefusedAndCounted) {
  for (size_t i = 0; i < ClientMetrics::kMaxCases + 7; ++i) {
    metrics_.BeginCase(absl::StrCat("norm/rms?shape=", i));
    Recorder recorder;
    recorder.Add({.latency_seconds = 1e-3});
    metrics_.Observe(Shown(recorder));
    metrics_.EndCase(Finished());
  }
  metrics_.BeginCase("norm/rms?shape=0");  // has its place
  EXPECT_THAT(Live(), HasSubstr("normbench_client_refused_cases_total 7\n"));
  size_t infos = 0;
  for (const auto& family : metrics_.results()->Collect()) {
    if (family.name == "normbench_case_info") infos = family.metric.size();
  }
  EXPECT_EQ(infos, ClientMetrics::kMaxCases);
}

TEST_F(ClientMetricsTest, TheReadmeTableIsWhatIsScraped) {
  metrics_.BeginCase(kKey);
  Recorder recorder(/*open=*/true);
  recorder.Add({.latency_seconds = 1e-3});
  metrics_.Observe(Shown(recorder));
  v1::CaseResult result = Finished();
  result.mutable_open_loop()->set_client_limited(false);
  metrics_.EndCase(result);
  metrics_.EndRun(v1::Report(), 1);
  std::stringstream readme;
  readme << std::ifstream(NORMBENCH_CLIENT_README).rdbuf();
  const std::string table = MarkdownTable(Live() + Results());
  EXPECT_THAT(readme.str(), HasSubstr("<!-- metrics -->\n" + table + "<!-- end of metrics -->"))
      << "put this table between the two marks of client/README.md:\n"
      << table;
}

}  // namespace
}  // namespace normbench
