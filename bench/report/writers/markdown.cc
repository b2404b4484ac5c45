// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/markdown.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bench/report/blocks.h"
#include "bench/report/console.h"
#include "bench/report/exit_code.h"
#include "bench/report/expect_summary.h"
#include "bench/report/format.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

constexpr int kMaxListed = 20;       // missed expectations, cases with errors
constexpr size_t kMaxText = 400;     // bytes of one key or error
constexpr size_t kRoomForEnd = 200;  // the sentence that says what is missing

// At most kMaxText bytes and dots, cut at a whole character.
std::string Short(std::string text) {
  if (text.size() <= kMaxText) return text;
  size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// As code nothing is markup and nobody is mentioned.
std::string Code(const std::string& text) {
  if (text.empty()) return "";
  const std::string line = absl::StrReplaceAll(text, {{"`", "'"}, {"\n", " "}, {"\r", " "}});
  return absl::StrCat("`", Short(line), "`");
}

// In a table even code ends at a bar.
std::string CodeCell(const std::string& text) {
  return Code(absl::StrReplaceAll(text, {{"|", "\\|"}}));
}

std::string Heading(const v1::Report& report, const ExpectSummary& expect) {
  const auto exit_code = static_cast<ExitCode>(report.exit_code());
  const v1::Environment& server = report.server();
  return absl::StrCat(
      "## ", exit_code == ExitCode::kOk ? "✅" : "❌", " normbench ",
      EscapeMarkdown(report.sweep().name()), ": ", std::string(Describe(exit_code)), "\n\n",
      report.cases_size(), report.cases_size() == 1 ? " case, " : " cases, ",
      "expectations: ", HoldWords(expect), ", exit ", report.exit_code(), "\n\n**host** ",
      EscapeMarkdown(Short(HostWords(report))), "  \n**run** ", Code(report.run_id()), " ",
      EscapeMarkdown(report.started()), ", ", FormatDuration(report.duration_seconds()),
      ", server ", Code(absl::StrCat(server.normbench_version(), " ", server.git_sha())), "\n");
}

// One more line where a list was cut.
std::string More(size_t all, const char* what) {
  const int more = static_cast<int>(all) - kMaxListed;
  return more > 0 ? absl::StrCat("\n", more, " more ", what, "\n") : "";
}

std::string Missed(const ExpectSummary& expect) {
  if (expect.missed.empty()) return "";
  std::string text = "\n### Missed\n\n| expected | observed | case |\n|:--|:--|:--|\n";
  const size_t listed = std::min<size_t>(kMaxListed, expect.missed.size());
  for (size_t i = 0; i < listed; ++i) {
    const Miss& miss = expect.missed[i];
    absl::StrAppend(&text, "| ", CodeCell(miss.expectation->text()), " | ",
                    CodeCell(miss.expectation->observed()), " | ", CodeCell(miss.result->key()),
                    " |\n");
  }
  return text + More(expect.missed.size(), "missed");
}

std::string Failures(const v1::Report& report) {
  std::string text;
  size_t failures = 0;
  for (const v1::CaseResult& result : report.cases()) {
    if (result.error().empty() || ++failures > kMaxListed) continue;
    const std::string what = result.status() == "ok" ? "errors" : result.status();
    absl::StrAppend(&text, "- ", EscapeMarkdown(what), " ", Code(result.key()), ": ",
                    Code(result.error()), "\n");
  }
  if (text.empty()) return "";
  return absl::StrCat("\n### Failed\n\n", text, More(failures, "cases with errors"));
}

std::string Warnings(const v1::Report& report) {
  const auto counts = CountWarnings(report);
  if (counts.empty()) return "";
  std::string text =
      absl::StrCat("\n<details><summary>", counts.size(), " kinds of warnings",
                   "</summary>\n\n| code | name | cases | means |\n", "|:--|:--|--:|:--|\n");
  for (const auto& [code, count] : counts) {
    const WarningText warning = DescribeWarning(code);
    absl::StrAppend(&text, "| ", EscapeMarkdown(code), " | ", CodeCell(std::string(warning.name)),
                    " | ", count == 0 ? "run" : absl::StrCat(count), " | ",
                    EscapeMarkdown(std::string(warning.text)), " |\n");
  }
  return text + "\n</details>\n";
}

std::string BlockTables(const v1::Report& report) {
  std::string text;
  for (const Block& block : BlocksOf(report)) {
    absl::StrAppend(&text, "\n#### ", EscapeMarkdown(block.title), "\n");
    for (const Table& table : TablesOf(block)) absl::StrAppend(&text, "\n", table.ToMarkdown());
  }
  return text;
}

// As many whole lines of `text` as `room` has place for.
std::string Fitting(const std::string& text, size_t room) {
  if (text.size() <= room) return text;
  const size_t end = text.rfind('\n', room - kRoomForEnd - 1);
  const std::string kept = end == std::string::npos ? "" : text.substr(0, end + 1);
  const auto missing =
      std::count(text.begin() + static_cast<std::ptrdiff_t>(kept.size()), text.end(), '\n');
  return absl::StrCat(kept, "\nCut here to fit a comment of ", kMaxCommentBytes,
                      " characters: ", missing, " more lines are in report.json and report.csv.\n");
}

}  // namespace

std::string ReportToMarkdown(const v1::Report& report) {
  const ExpectSummary expect = SummarizeExpect(report);
  const std::string text = absl::StrCat(Heading(report, expect), Missed(expect), Failures(report),
                                        Warnings(report), BlockTables(report));
  const v1::CaseResult* rerun = RerunCase(report, expect);
  const std::string tail =
      rerun == nullptr ? "" : absl::StrCat("\n**rerun** ", Code(rerun->rerun()), "\n");
  return absl::StrCat(Fitting(text, kMaxCommentBytes - tail.size()), tail);
}

}  // namespace normbench
