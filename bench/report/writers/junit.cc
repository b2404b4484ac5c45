// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/junit.h"

#include <tinyxml2.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/case_result.h"
#include "bench/report/format.h"
#include "bench/report/writers/printable.h"

namespace normbench {
namespace {

struct Counts {
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

// What a case that was measured did wrong, a line each; empty: nothing.
std::string Faults(const v1::CaseResult& result) {
  std::string lines;
  for (const v1::Expectation& expectation : result.expectations()) {
    if (expectation.holds()) continue;
    absl::StrAppend(&lines, expectation.text(), ": ", expectation.observed(), "\n");
  }
  const v1::NormAccuracy& accuracy = result.norm_accuracy();
  if (result.has_norm_accuracy() && IsOverBound(accuracy)) {
    absl::StrAppend(&lines, "err_scaled ", FormatNumber(accuracy.err_scaled()),
                    " is not within its bound ", FormatNumber(accuracy.bound()), "\n");
  }
  if (accuracy.nonfinite_mismatches() > 0) {
    absl::StrAppend(&lines, accuracy.nonfinite_mismatches(), " NaN or Inf out of place\n");
  }
  return lines;
}

// An invalid measurement cannot convict, but for wrong answers.
bool IsInvalid(const v1::Report& report, const v1::CaseResult& result) {
  if (!report.sweep().require_schedule() || !result.open_loop().client_limited()) return false;
  for (const v1::Expectation& expectation : result.expectations()) {
    if (expectation.accuracy() && !expectation.holds()) return false;
  }
  return !IsWrong(result);
}

// A case that failed misses its expectations, too; the reason says more.
void AddOutcome(const v1::Report& report, const v1::CaseResult& result,
                tinyxml2::XMLElement* element, Counts* counts) {
  const auto add = [element](const char* name, const std::string& message, int* count) {
    ++*count;
    tinyxml2::XMLElement* outcome = element->InsertNewChildElement(name);
    outcome->SetAttribute("message", Printable(message).c_str());
    return outcome;
  };
  const std::string faults = Faults(result);
  if (result.status() == "skipped") {
    add("skipped", report.outcome(), &counts->skipped);
  } else if (result.status() == "failed") {
    add("error", result.error(), &counts->errors);
  } else if (IsInvalid(report, result)) {
    add("error", "the client could not keep the schedule", &counts->errors);
  } else if (!faults.empty()) {
    add("failure", faults.substr(0, faults.find('\n')), &counts->failures)
        ->SetText(Printable(faults).c_str());
  } else if (result.status() == "interrupted") {
    add("skipped", result.status(), &counts->skipped);
  }
}

void AddCase(const v1::Report& report, const v1::CaseResult& result, tinyxml2::XMLElement* suite,
             Counts* counts) {
  tinyxml2::XMLElement* element = suite->InsertNewChildElement("testcase");
  element->SetAttribute("classname", absl::StrCat("normbench.", result.kind()).c_str());
  element->SetAttribute("name", Printable(result.key()).c_str());
  element->SetAttribute("time", result.measured_seconds());
  AddOutcome(report, result, element, counts);
  std::string out = absl::StrCat("rerun: ", result.rerun(), "\n");
  if (!result.warnings().empty()) {
    absl::StrAppend(&out, "warnings: ", absl::StrJoin(result.warnings(), " "), "\n");
  }
  element->InsertNewChildElement("system-out")->SetText(Printable(out).c_str());
}

}  // namespace

std::string ReportToJunit(const v1::Report& report) {
  tinyxml2::XMLDocument document;
  document.InsertEndChild(document.NewDeclaration());
  tinyxml2::XMLElement* suites = document.NewElement("testsuites");
  document.InsertEndChild(suites);
  tinyxml2::XMLElement* suite = suites->InsertNewChildElement("testsuite");
  Counts counts;
  suite->SetAttribute("name", report.sweep().name().c_str());
  suite->SetAttribute("timestamp", report.started().c_str());
  suite->SetAttribute("hostname", report.client().host().c_str());
  suite->SetAttribute("time", report.duration_seconds());
  suite->SetAttribute("tests", report.cases_size());
  for (const v1::CaseResult& result : report.cases()) AddCase(report, result, suite, &counts);
  suite->SetAttribute("failures", counts.failures);
  suite->SetAttribute("errors", counts.errors);
  suite->SetAttribute("skipped", counts.skipped);
  tinyxml2::XMLPrinter printer;
  document.Print(&printer);
  return printer.CStr();
}

}  // namespace normbench
