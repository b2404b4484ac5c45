// SPDX-License-Identifier: Apache-2.0
#include "bench/report/console.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/report/blocks.h"
#include "bench/report/case_key.h"
#include "bench/report/expect_summary.h"
#include "bench/report/warnings.h"

namespace normbench {
namespace {

constexpr int kMaxListed = 20;  // missed expectations, cases with errors
constexpr size_t kLineWidth = 100;
constexpr size_t kWarningsColumn = 33;  // where the first warning begins, about

std::string Cpu(const v1::Environment& machine) {
  const std::string isa = machine.isa() == "AVX512" ? "AVX-512" : machine.isa();
  return absl::StrCat(machine.cpus(), " vCPU", isa.empty() ? "" : " " + isa);
}

// "failed KEY: why", "errors KEY: ..." where only some requests failed.
std::string ErrorLine(const v1::CaseResult& result) {
  const std::string what = result.status() == "ok" ? "errors" : result.status();
  return absl::StrCat(what, " ", result.key(), ": ", result.error(), "\n");
}

// Why a case has no row, or only part of one, or errors in it.
std::string Failures(const v1::Report& report) {
  std::string lines;
  int skipped = 0, listed = 0;
  for (const v1::CaseResult& result : report.cases()) {
    if (result.status() == "skipped") ++skipped;
    if (result.error().empty() || ++listed > kMaxListed) continue;
    lines += ErrorLine(result);
  }
  if (listed > kMaxListed) {
    absl::StrAppend(&lines, "errors in ", listed - kMaxListed, " more cases\n");
  }
  if (skipped > 0) {
    absl::StrAppend(&lines, "skipped ", skipped, skipped == 1 ? " case" : " cases", ", ",
                    report.outcome(), "\n");
  }
  return lines;
}

// Joined by commas, in lines of about kLineWidth.
std::string Wrapped(const std::vector<std::string>& words) {
  std::string text;
  size_t column = kWarningsColumn;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && column + words[i].size() > kLineWidth) {
      text += ",\n       ";
      column = 7;
    } else if (i > 0) {
      text += ", ";
    }
    text += words[i];
    column += words[i].size() + 2;
  }
  return text;
}

// Codes in order with their names, and how many cases have them.
std::string WarningWords(const v1::Report& report) {
  std::vector<std::string> words;
  for (const auto& [code, count] : CountWarnings(report)) {
    const std::string name(DescribeWarning(code).name);
    const std::string where =
        count == 0 ? "" : absl::StrCat(" (", count, count == 1 ? " case)" : " cases)");
    words.push_back(absl::StrCat(code, name.empty() ? "" : " " + name, where));
  }
  return words.empty() ? "none" : Wrapped(words);
}

std::string MissedLines(const ExpectSummary& expect) {
  std::string lines;
  int listed = 0;
  for (const Miss& miss : expect.missed) {
    if (++listed > kMaxListed) break;
    absl::StrAppend(&lines, "missed ", miss.expectation->text(), ": ", miss.expectation->observed(),
                    "   ", miss.result->key(), "\n");
  }
  const int more = static_cast<int>(expect.missed.size()) - kMaxListed;
  if (more > 0) absl::StrAppend(&lines, "missed ", more, " more\n");
  return lines;
}

}  // namespace

std::string PlanLine(const Plan& plan) {
  return absl::StrCat("plan   ", plan.cases, plan.cases == 1 ? " case" : " cases", ", about ",
                      FormatDuration(plan.seconds), ", peak ", FormatBytes(plan.memory_bytes),
                      "   (--dry-run prints the cases)\n");
}

std::string HostWords(const v1::Report& report) {
  const v1::HostConditions& conditions = report.conditions();
  std::vector<std::string> words;
  if (conditions.co_located()) {
    words.push_back(Cpu(report.server()));
  } else {
    words.push_back("server " + Cpu(report.server()));
    words.push_back("client " + Cpu(report.client()));
  }
  words.push_back(conditions.has_steal_ratio()
                      ? absl::StrFormat("steal %.1f %%", conditions.steal_ratio() * 100)
                      : "steal -");
  if (conditions.co_located()) {
    words.push_back(absl::StrCat("co-located [", std::string(warning::kCoLocated), "]"));
  }
  if (conditions.transport() == kInProcess) words.push_back(std::string(kInProcess));
  if (conditions.floor().p50().has_value()) {
    words.push_back("floor p50 " + FormatSeconds(conditions.floor().p50().value()));
  }
  if (report.sweep().visits() > 1) {
    words.push_back(absl::StrCat(report.sweep().visits(), " visits to a case"));
  }
  return absl::StrJoin(words, ", ");
}

std::string HostLine(const v1::Report& report) {
  return absl::StrCat("host   ", HostWords(report), "\n");
}

std::string Tables(const v1::Report& report) {
  std::string text;
  for (const Block& block : BlocksOf(report)) {
    absl::StrAppend(&text, block.title, "\n");
    for (const Table& table : TablesOf(block)) text += table.ToString();
  }
  return text;
}

std::string Verdict(const v1::Report& report, std::string_view written) {
  const ExpectSummary expect = SummarizeExpect(report);
  std::string text = Failures(report);
  absl::StrAppend(&text, "expect ", HoldWords(expect), "     warnings ", WarningWords(report), "\n",
                  MissedLines(expect));
  if (const v1::CaseResult* result = RerunCase(report, expect); result != nullptr) {
    absl::StrAppend(&text, "rerun  ", result->rerun(), "\n");
  }
  const std::string wrote =
      absl::StrCat("wrote  ", written.empty() ? "nothing" : std::string(written));
  return absl::StrCat(text, absl::StrFormat("%-63s exit %d\n", wrote, report.exit_code()));
}

std::string ConsoleReport(const v1::Report& report, std::string_view written) {
  return absl::StrCat(HostLine(report), Tables(report), Verdict(report, written));
}

}  // namespace normbench
