// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/junit.h"

#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(ReportToJunit, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/junit.xml", ReportToJunit(SampleReport()));
}

TEST(ReportToJunit, CountsEveryOutcomeOnce) {
  EXPECT_THAT(ReportToJunit(SampleReport()),
              HasSubstr("tests=\"10\" failures=\"2\" errors=\"1\" skipped=\"1\""));
}

TEST(ReportToJunit, EscapesAndReplacesWhatXmlCannotSay) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->set_status("failed");
  result->set_error("<a> & \"b\" \x01");
  EXPECT_THAT(ReportToJunit(report), HasSubstr("message=\"&lt;a&gt; &amp; &quot;b&quot; ?\""));
}

}  // namespace
}  // namespace normbench
