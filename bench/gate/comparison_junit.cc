// SPDX-License-Identifier: Apache-2.0
#include <tinyxml2.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/gate/comparison_table.h"
#include "bench/gate/comparison_text.h"
#include "bench/report/exit_code.h"
#include "bench/report/writers/printable.h"

namespace normbench {
namespace {

struct Counts {
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

void Add(tinyxml2::XMLElement* test, const char* outcome, const std::string& message, int* count) {
  ++*count;
  test->InsertNewChildElement(outcome)->SetAttribute("message", Printable(message).c_str());
}

void AddCell(const v1::Comparison& comparison, const v1::CellVerdict& cell,
             tinyxml2::XMLElement* suite, Counts* counts) {
  tinyxml2::XMLElement* test = suite->InsertNewChildElement("testcase");
  test->SetAttribute("classname", "normbench.gate");
  test->SetAttribute("name", Printable(absl::StrCat(cell.key(), " ", cell.metric())).c_str());
  const std::string change = absl::StrFormat("%s, margin %.3g %%, %d rounds", ChangeOf(cell),
                                             100 * cell.margin(), cell.rounds());
  const bool open = cell.verdict() == "INCONCLUSIVE";
  if (cell.verdict() == "REGRESSED" || (open && comparison.policy().inconclusive() == "fail")) {
    Add(test, "failure", absl::StrCat(cell.verdict(), ": ", change), &counts->failures);
  } else if (open) {
    Add(test, "skipped", absl::StrCat("INCONCLUSIVE: ", change), &counts->skipped);
  }
}

void AddAccuracy(const v1::Comparison& comparison, tinyxml2::XMLElement* suite, Counts* counts) {
  tinyxml2::XMLElement* test = suite->InsertNewChildElement("testcase");
  test->SetAttribute("classname", "normbench.gate");
  test->SetAttribute("name", "accuracy");
  const auto& worse = comparison.accuracy().worse();
  if (!worse.empty()) Add(test, "failure", absl::StrJoin(worse, "; "), &counts->failures);
}

// What no cell tells: an arm that failed, a policy that does not fit, a client that was too slow.
void AddGate(const v1::Comparison& comparison, tinyxml2::XMLElement* suite, Counts* counts) {
  tinyxml2::XMLElement* test = suite->InsertNewChildElement("testcase");
  test->SetAttribute("classname", "normbench.gate");
  test->SetAttribute("name", "gate");
  constexpr std::array kNoVerdict = {ExitCode::kTransport, ExitCode::kUsage,
                                     ExitCode::kClientLimited, ExitCode::kInterrupted};
  const auto code = static_cast<ExitCode>(comparison.exit_code());
  if (std::find(kNoVerdict.begin(), kNoVerdict.end(), code) == kNoVerdict.end()) return;
  Add(test, "error", absl::StrCat(comparison.verdict(), ": ", comparison.why()), &counts->errors);
}

}  // namespace

std::string ComparisonJunit(const v1::Comparison& comparison) {
  tinyxml2::XMLDocument document;
  document.InsertEndChild(document.NewDeclaration());
  tinyxml2::XMLElement* suites = document.NewElement("testsuites");
  document.InsertEndChild(suites);
  tinyxml2::XMLElement* suite = suites->InsertNewChildElement("testsuite");
  Counts counts;
  suite->SetAttribute("name", comparison.policy().name().c_str());
  suite->SetAttribute("timestamp", Printable(comparison.started()).c_str());
  suite->SetAttribute("time", comparison.duration_seconds());
  suite->SetAttribute("tests", comparison.cells_size() + 2);
  for (const v1::CellVerdict& cell : comparison.cells()) AddCell(comparison, cell, suite, &counts);
  AddAccuracy(comparison, suite, &counts);
  AddGate(comparison, suite, &counts);
  suite->SetAttribute("failures", counts.failures);
  suite->SetAttribute("errors", counts.errors);
  suite->SetAttribute("skipped", counts.skipped);
  const std::string why = absl::StrCat(comparison.verdict(), ", ", comparison.why());
  suite->InsertNewChildElement("system-out")->SetText(Printable(why).c_str());
  tinyxml2::XMLPrinter printer;
  document.Print(&printer);
  return printer.CStr();
}

}  // namespace normbench
