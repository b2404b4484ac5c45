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

TEST(ReportToCsv, AQuantileOfFailuresIsInfinite) {
  v1::Report report;
  report.add_cases()->mutable_latency_all()->mutable_p99()->set_is_infinite(true);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",inf,"));
}

}  // namespace
}  // namespace normbench
