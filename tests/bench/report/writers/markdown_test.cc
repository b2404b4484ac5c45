// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/markdown.h"

#include "absl/strings/str_cat.h"
#include "bench/report/warnings.h"
#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

v1::Report Sample() {
  v1::Report report = SampleReport();
  CollectWarnings(&report);
  return report;
}

TEST(ReportToMarkdown, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/report.md", ReportToMarkdown(Sample()));
}

TEST(ReportToMarkdown, WhatWasMissedComesBeforeTheTables) {
  const std::string text = ReportToMarkdown(Sample());
  EXPECT_LT(text.find("### Missed"), text.find("### Failed"));
  EXPECT_LT(text.find("### Failed"), text.find("<details>"));
  EXPECT_LT(text.find("<details>"), text.find("#### kernel"));
}

TEST(ReportToMarkdown, OfAGoodRunHasNoMisses) {
  v1::Report report;
  report.mutable_sweep()->set_name("smoke");
  report.add_cases()->add_expectations()->set_holds(true);
  const std::string text = ReportToMarkdown(report);
  EXPECT_THAT(text, StartsWith("## ✅ normbench smoke: ok\n"));
  EXPECT_THAT(text, Not(HasSubstr("### ")));
  EXPECT_THAT(text, Not(HasSubstr("<details>")));
}

// A server's text must not mention people, break a table or hide what follows.
TEST(ReportToMarkdown, TextsOfOthersAreNoMarkup) {
  v1::Report report;
  v1::CaseResult* failed = report.add_cases();
  failed->set_status("failed");
  failed->set_key("model/a|b");
  failed->set_error("`@someone` <details>\n| x |");
  const std::string text = ReportToMarkdown(report);
  EXPECT_THAT(text, HasSubstr("`model/a|b`: `'@someone' <details> | x |`\n"));
  failed->add_expectations()->set_observed("a|b");
  EXPECT_THAT(ReportToMarkdown(report), HasSubstr("|  | `a\\|b` | `model/a\\|b` |\n"));
}

// 10,000 cases of 24 blocks and every list full, of texts of `c`.
v1::Report Huge(char c) {
  v1::Report report;
  const std::string text(3000, c);
  report.mutable_client()->set_isa(text);
  for (int i = 0; i < 10000; ++i) {
    v1::CaseResult* result = report.add_cases();
    result->set_kind("kernel");
    result->set_status("ok");
    result->set_key(absl::StrCat("norm/rms?shape=", i, std::string(1000, 'x')));
    result->set_error(text);
    result->set_rerun(text);
    result->mutable_kernel()->mutable_spec()->set_norm(absl::StrCat("rms", i % 24));
    v1::Expectation* expectation = result->add_expectations();
    expectation->set_text(text);
    expectation->set_observed(text);
  }
  for (const WarningText& warning : AllWarnings()) {
    report.mutable_cases(0)->add_warnings(std::string(warning.code));
  }
  CollectWarnings(&report);
  return report;
}

TEST(ReportToMarkdown, FitsAComment) {
  const std::string text = ReportToMarkdown(Huge('r'));
  EXPECT_THAT(text, SizeIs(::testing::Le(kMaxCommentBytes)));
  EXPECT_THAT(text, SizeIs(::testing::Gt(kMaxCommentBytes - 1000))) << "the room is used";
  EXPECT_THAT(text, HasSubstr(" |\n\nCut here to fit a comment of 65536 characters: "));
  EXPECT_THAT(text, HasSubstr("\n9980 more missed\n"));
  EXPECT_THAT(text, HasSubstr("\n**rerun** `rrr"));
}

TEST(ReportToMarkdown, FitsACommentWhateverHasToBeEscaped) {
  for (const char c : {'|', '`', '\\', '@', '\n'}) {
    EXPECT_THAT(ReportToMarkdown(Huge(c)), SizeIs(::testing::Le(kMaxCommentBytes))) << c;
  }
}

// A report of another program may have any number of codes.
TEST(ReportToMarkdown, FitsACommentWithoutRoomForTables) {
  v1::Report report;
  report.add_cases()->set_rerun("normbench run");
  for (int i = 0; i < 10000; ++i) report.add_warnings()->set_code(absl::StrCat("NB", i));
  const std::string text = ReportToMarkdown(report);
  EXPECT_THAT(text, SizeIs(::testing::Le(kMaxCommentBytes)));
  EXPECT_THAT(text, HasSubstr("\nCut here to fit"));
  EXPECT_THAT(text, ::testing::EndsWith("\n**rerun** `normbench run`\n"));
}

TEST(ReportToMarkdown, CutsLongTextsAtAWholeCharacter) {
  v1::Report report;
  v1::CaseResult* failed = report.add_cases();
  std::string error = "a";
  for (int i = 0; i < 400; ++i) error += "é";
  failed->set_error(error);
  EXPECT_THAT(ReportToMarkdown(report), HasSubstr("é...`\n"));
}

}  // namespace
}  // namespace normbench
