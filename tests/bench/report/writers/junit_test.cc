// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/junit.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(ReportToJunit, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/junit.xml", ReportToJunit(SampleReport()));
}

TEST(ReportToJunit, CountsEveryOutcomeOnce) {
  const v1::Report report = SampleReport();
  EXPECT_THAT(ReportToJunit(report),
              HasSubstr(absl::StrCat("tests=\"", report.cases_size(),
                                     "\" failures=\"2\" errors=\"1\" skipped=\"1\"")));
}

TEST(ReportToJunit, EscapesAndReplacesWhatXmlCannotSay) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->set_status("failed");
  result->set_error("<a> & \"b\" \x01");
  EXPECT_THAT(ReportToJunit(report), HasSubstr("message=\"&lt;a&gt; &amp; &quot;b&quot; ?\""));
  result->set_status("ok");
  result->set_key("a\x02");
  result->set_rerun("b\x03");
  result->add_expectations()->set_observed("c\x04");
  const std::string xml = ReportToJunit(report);
  EXPECT_THAT(xml, HasSubstr("name=\"a?\""));
  EXPECT_THAT(xml, HasSubstr("rerun: b?"));
  EXPECT_THAT(xml, HasSubstr(">: c?\n</failure>"));
}

// Green here and exit 4 there would be a lie.
TEST(ReportToJunit, WrongAnswersFailWithoutAnExpectation) {
  v1::Report report;
  v1::NormAccuracy* accuracy = report.add_cases()->mutable_norm_accuracy();
  accuracy->set_err_scaled(13);
  accuracy->set_bound(12.5);
  EXPECT_THAT(ReportToJunit(report),
              HasSubstr("<failure message=\"err_scaled 13.0 is not within its bound 12.5\">"));
  accuracy->set_bound(14);
  EXPECT_THAT(ReportToJunit(report), HasSubstr("failures=\"0\""));
  accuracy->set_nonfinite_mismatches(2);
  EXPECT_THAT(ReportToJunit(report), HasSubstr("message=\"2 NaN or Inf out of place\""));
}

TEST(ReportToJunit, AnInvalidScheduleIsAnErrorWhereItIsRequired) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_open_loop()->set_client_limited(true);
  v1::Expectation* slow = result->add_expectations();
  slow->set_text("p99<1ms");
  EXPECT_THAT(ReportToJunit(report), HasSubstr("failures=\"1\" errors=\"0\""));
  report.mutable_sweep()->set_require_schedule(true);
  EXPECT_THAT(ReportToJunit(report), HasSubstr("failures=\"0\" errors=\"1\""));
  EXPECT_THAT(ReportToJunit(report), HasSubstr("the client could not keep the schedule"));
  slow->set_accuracy(true);
  EXPECT_THAT(ReportToJunit(report), HasSubstr("failures=\"1\" errors=\"0\"")) << "convicts";
}

TEST(ReportToJunit, SkippedCasesSayWhy) {
  v1::Report report;
  report.set_outcome("server_lost");
  report.add_cases()->set_status("skipped");
  v1::CaseResult* interrupted = report.add_cases();
  interrupted->set_status("interrupted");
  EXPECT_THAT(ReportToJunit(report), HasSubstr("<skipped message=\"server_lost\"/>"));
  EXPECT_THAT(ReportToJunit(report), HasSubstr("<skipped message=\"interrupted\"/>"));
  EXPECT_THAT(ReportToJunit(report), HasSubstr("skipped=\"2\""));
  interrupted->add_expectations()->set_text("errors==0");
  EXPECT_THAT(ReportToJunit(report), HasSubstr("failures=\"1\" errors=\"0\" skipped=\"1\""));
}

}  // namespace
}  // namespace normbench
