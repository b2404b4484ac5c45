// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/csv.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(ReportToCsv, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/report.csv", ReportToCsv(SampleReport()));
}

TEST(ReportToCsv, OfNoCasesIsTheHeader) {
  const std::string csv = ReportToCsv(v1::Report());
  EXPECT_THAT(csv, ::testing::StartsWith("run_id,started,sweep,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
}

TEST(ReportToCsv, QuotesWhatWouldEndAField) {
  v1::Report report;
  report.add_cases()->set_error("a \"b\", c\nd");
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",\"a \"\"b\"\", c\nd\","));
}

TEST(ReportToCsv, NumbersComeBackAsTheyWere) {
  v1::Report report;
  report.add_cases()->set_requests_per_s(0.1 + 0.2);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",0.30000000000000004,"));
}

TEST(ReportToCsv, OpenLoopsSayWhatWasOfferedAndFromWhereTheyCount) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_model()->mutable_load()->set_arrivals("poisson:200");
  result->mutable_open_loop()->set_offered_per_s(201.5);
  result->mutable_open_loop()->set_dropped(3);
  result->mutable_open_loop()->mutable_latency_sent()->mutable_p99()->set_value(0.25);
  result->mutable_open_loop()->mutable_send_lag()->mutable_p99()->set_value(0.125);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",poisson:200,201.5,3,0,,,0.25,,,0.125,,,"));
}

TEST(ReportToCsv, AQuantileOfFailuresIsInfinite) {
  v1::Report report;
  report.add_cases()->mutable_latency_all()->mutable_p99()->set_is_infinite(true);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",inf,"));
}

}  // namespace
}  // namespace normbench
