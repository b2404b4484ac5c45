// SPDX-License-Identifier: Apache-2.0
#include <tinyxml2.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/gate/comparison_text.h"
#include "bench/report/writers/printable.h"

namespace normbench {
namespace {

struct Counts {
  int failures = 0;
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
  const std::string change = absl::StrFormat(
      "worse by %.1f %% [%.1f, %.1f], margin %.3g %%, %d rounds", 100 * cell.worse(),
      100 * cell.low(), 100 * cell.high(), 100 * cell.margin(), cell.rounds());
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

}  // namespace

std::string ComparisonJunit(const v1::Comparison& comparison) {
  tinyxml2::XMLDocument document;
  document.InsertEndChild(document.NewDeclaration());
  tinyxml2::XMLElement* suites = document.NewElement("testsuites");
  document.InsertEndChild(suites);
  tinyxml2::XMLElement* suite = suites->InsertNewChildElement("testsuite");
  Counts counts;
  suite->SetAttribute("name", comparison.policy().name().c_str());
  suite->SetAttribute("timestamp", comparison.started().c_str());
  suite->SetAttribute("time", comparison.duration_seconds());
  suite->SetAttribute("tests", comparison.cells_size() + 1);
  for (const v1::CellVerdict& cell : comparison.cells()) AddCell(comparison, cell, suite, &counts);
  AddAccuracy(comparison, suite, &counts);
  suite->SetAttribute("failures", counts.failures);
  suite->SetAttribute("errors", 0);
  suite->SetAttribute("skipped", counts.skipped);
  const std::string why = absl::StrCat(comparison.verdict(), ", ", comparison.why());
  suite->InsertNewChildElement("system-out")->SetText(Printable(why).c_str());
  tinyxml2::XMLPrinter printer;
  document.Print(&printer);
  return printer.CStr();
}

}  // namespace normbench
