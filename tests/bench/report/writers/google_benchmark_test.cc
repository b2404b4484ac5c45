// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/google_benchmark.h"

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

}  // namespace
}  // namespace normbench
