// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/google_benchmark.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReportToGoogleBenchmark, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/google-benchmark.json",
               ReportToGoogleBenchmark(SampleReport()));
}

TEST(ReportToGoogleBenchmark, LeavesOutWhatWasSkippedAndMarksWhatHasNoTime) {
  v1::Report report;
  report.add_cases()->set_status("skipped");
  v1::CaseResult* failed = report.add_cases();
  failed->set_status("failed");
  failed->set_key("model/gone");
  failed->set_error("bad \xff byte");
  const std::string json = ReportToGoogleBenchmark(report);
  EXPECT_THAT(json, HasSubstr("\"name\": \"model/gone\""));
  EXPECT_THAT(json, HasSubstr("\"error_occurred\": true"));
  EXPECT_THAT(json, HasSubstr("bad \xEF\xBF\xBD byte"));
  EXPECT_THAT(json, Not(HasSubstr("\"name\": \"\"")));
}

TEST(ReportToGoogleBenchmark, TimesOfFailedCasesAreNone) {
  v1::Report report;
  v1::CaseResult* lost = report.add_cases();
  lost->set_status("failed");
  lost->set_error("the server is gone");
  lost->mutable_latency_all()->mutable_p50()->set_value(0.5);
  lost->mutable_latency_all()->mutable_p50()->set_low(0.4);
  report.add_cases()->mutable_latency_all()->mutable_p50()->set_is_infinite(true);
  const std::string json = ReportToGoogleBenchmark(report);
  EXPECT_THAT(json, HasSubstr("\"error_message\": \"the server is gone\""));
  EXPECT_THAT(json, HasSubstr("\"error_message\": \"more than half of the requests failed\""));
}

TEST(ReportToGoogleBenchmark, LeavesOutWhatJsonCannotSay) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_latency_all()->mutable_p50()->set_value(0.5);
  result->mutable_latency_all()->mutable_p50()->set_low(0.4);
  result->mutable_norm_accuracy()->set_err_scaled(std::numeric_limits<double>::infinity());
  const std::string json = ReportToGoogleBenchmark(report);
  EXPECT_THAT(json, HasSubstr("\"real_time\": 500000000.0"));
  EXPECT_THAT(json, Not(HasSubstr("err_scaled")));
}

}  // namespace
}  // namespace normbench
