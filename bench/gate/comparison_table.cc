// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/comparison_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/gate/kept_times.h"
#include "bench/report/format.h"
#include "bench/report/metric.h"

namespace normbench {
namespace {

// Errors are what servers and systems say: nothing in them ends a line or moves a cursor.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return text;
}

std::string Percent(double share) {
  return std::isfinite(share) ? absl::StrFormat("%+.1f", 100 * share)
                              : absl::StrCat(share > 0 ? "+" : "-", "inf");
}

std::string Value(const v1::CellVerdict& cell, bool given, double value) {
  if (!given) return "-";
  const Metric* metric = FindMetric(cell.metric());
  // The only one that no report has is a time, too.
  return metric == nullptr ? FormatSeconds(value) : FormatMetric(*metric, value);
}

std::string Bounds(const v1::CellVerdict& cell) {
  if (!cell.has_worse()) return "";
  return absl::StrCat("[", cell.has_low() ? Percent(cell.low()) : "", ", ",
                      cell.has_high() ? Percent(cell.high()) : "", "]");
}

std::string Word(const v1::CellVerdict& cell) {
  std::string word = cell.verdict();
  if (cell.confirmation() == "confirmed") word += " (confirmed)";
  if (cell.confirmation() == kOneProcess) return word + " (slower, but of one server process)";
  if (cell.confirmation() == kNotInReports || cell.confirmation() == "not confirmed") {
    return absl::StrCat(word, " (", cell.confirmation(), ")");
  }
  if (!cell.has_worse()) return word + " (no values)";
  if (cell.has_more_rounds()) {
    absl::StrAppend(&word, cell.more_rounds() > 1000
                               ? std::string(" (at its margin)")
                               : absl::StrFormat(" (about %.0f rounds more)", cell.more_rounds()));
  }
  return word;
}

std::string AccuracyWords(const v1::Comparison& comparison) {
  const v1::AccuracyVerdict& accuracy = comparison.accuracy();
  if (!accuracy.worse().empty())
    return absl::StrCat("WORSE in ", accuracy.worse_size(), ", see below");
  if (!accuracy.notes().empty()) {
    return absl::StrCat("changed in ", accuracy.notes_size(), ", not worse");
  }
  return accuracy.unchanged() ? "unchanged" : "not compared";
}

std::string ArmWords(const char* name, const v1::ArmInfo& arm) {
  const v1::Environment& server = arm.server();
  if (server.normbench_version().empty()) return absl::StrCat(name, " ", arm.source());
  return absl::StrCat(name, " v", server.normbench_version(), " (", server.git_sha().substr(0, 7),
                      ")");
}

int Rounds(const v1::Comparison& comparison) {
  return static_cast<int>(
      std::count_if(comparison.rounds().begin(), comparison.rounds().end(),
                    [](const v1::Round& round) { return round.phase() != "confirmation"; }));
}

}  // namespace

Table VerdictTable(const v1::Comparison& comparison) {
  Table table({{"cell", false},
               {"metric", false},
               {"A"},
               {"B"},
               {"worse %"},
               {"margin"},
               {"verdict", false}});
  for (const v1::CellVerdict& cell : comparison.cells()) {
    table.AddRow({{OneLine(cell.key()), ""},
                  {cell.metric(), ""},
                  {Value(cell, cell.has_a(), cell.a()), ""},
                  {Value(cell, cell.has_b(), cell.b()), ""},
                  {cell.has_worse() ? Percent(cell.worse()) : "-", Bounds(cell)},
                  {absl::StrFormat("%.3g %%", 100 * cell.margin()), ""},
                  {Word(cell), ""}});
  }
  table.AddRow({{"accuracy", ""},
                {"answers", ""},
                {"", ""},
                {"", ""},
                {"", ""},
                {"", ""},
                {AccuracyWords(comparison), ""}});
  return table;
}

std::string ChangeOf(const v1::CellVerdict& cell) {
  if (cell.confirmation() == kNotInReports) return cell.confirmation();
  if (!cell.has_worse()) return "no values";
  return absl::StrCat(Percent(cell.worse()), " % ", Bounds(cell));
}

std::string ArmsLine(const v1::Comparison& comparison) {
  const int rounds = Rounds(comparison);
  std::string line =
      absl::StrCat(ArmWords("A", comparison.a()), "   ", ArmWords("B", comparison.b()));
  if (rounds > 0) {
    absl::StrAppend(&line, "   ", rounds, " rounds A A' B, ",
                    FormatDuration(std::round(comparison.duration_seconds())));
  }
  return OneLine(std::move(line));
}

std::string FloorLine(const v1::Comparison& comparison) {
  const v1::CellVerdict* noisiest = nullptr;
  for (const v1::CellVerdict& cell : comparison.cells()) {
    if (!cell.has_floor_low() || !cell.has_floor_high()) continue;
    if (noisiest == nullptr || cell.detectable() > noisiest->detectable()) noisiest = &cell;
  }
  if (noisiest == nullptr) return "";
  return absl::StrFormat(
      "A/A' %s %s %% [%s, %s]   noise sd %.1f %%   MDE(80 %%) %s %%   (%s)", noisiest->metric(),
      Percent(noisiest->floor()), Percent(noisiest->floor_low()), Percent(noisiest->floor_high()),
      100 * noisiest->noise_sd(), Percent(noisiest->detectable()), noisiest->key());
}

std::string VerdictLine(const v1::Comparison& comparison) {
  return OneLine(absl::StrFormat("VERDICT  %s, %s; family-wise alpha %.3g %% (Holm)   exit %d",
                                 comparison.verdict(), comparison.why(),
                                 100 * comparison.policy().alpha(), comparison.exit_code()));
}

std::vector<std::string> Remarks(const v1::Comparison& comparison) {
  std::vector<std::string> remarks;
  for (const std::string& worse : comparison.accuracy().worse())
    remarks.push_back("worse    " + worse);
  for (const std::string& note : comparison.accuracy().notes())
    remarks.push_back("changed  " + note);
  for (const std::string& note : comparison.notes()) remarks.push_back("note     " + note);
  for (const v1::Round& round : comparison.rounds()) {
    if (round.why_void().empty()) continue;
    remarks.push_back(absl::StrCat("void     round ", round.number(), ": ", round.why_void()));
  }
  if (comparison.outcome() == "out_of_time") {
    remarks.push_back(absl::StrCat("time     the budget of ",
                                   FormatDuration(comparison.policy().budget_seconds()),
                                   " was over before all rounds were"));
  }
  for (std::string& remark : remarks) remark = OneLine(std::move(remark));
  return remarks;
}

}  // namespace normbench
