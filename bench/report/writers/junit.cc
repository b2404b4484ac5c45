// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/junit.h"

#include <tinyxml2.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

// XML has no way to write these, not even escaped; an error text may come from any server.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') c = '?';
  }
  return text;
}

struct Counts {
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

std::string Missed(const v1::CaseResult& result) {
  std::string lines;
  for (const v1::Expectation& expectation : result.expectations()) {
    if (expectation.holds()) continue;
    absl::StrAppend(&lines, expectation.text(), ": ", expectation.observed(), "\n");
  }
  return lines;
}

// A case that failed misses its expectations, too; the reason says more.
void AddOutcome(const v1::CaseResult& result, tinyxml2::XMLElement* element, Counts* counts) {
  const std::string missed = Missed(result);
  if (result.status() == "skipped") {
    ++counts->skipped;
    element->InsertNewChildElement("skipped");
  } else if (result.status() == "failed") {
    ++counts->errors;
    element->InsertNewChildElement("error")->SetAttribute("message",
                                                          Printable(result.error()).c_str());
  } else if (!missed.empty()) {
    ++counts->failures;
    tinyxml2::XMLElement* failure = element->InsertNewChildElement("failure");
    failure->SetAttribute("message", missed.substr(0, missed.find('\n')).c_str());
    failure->SetText(missed.c_str());
  }
}

void AddCase(const v1::CaseResult& result, tinyxml2::XMLElement* suite, Counts* counts) {
  tinyxml2::XMLElement* element = suite->InsertNewChildElement("testcase");
  element->SetAttribute("classname", absl::StrCat("normbench.", result.kind()).c_str());
  element->SetAttribute("name", result.key().c_str());
  element->SetAttribute("time", result.measured_seconds());
  AddOutcome(result, element, counts);
  std::string out = absl::StrCat("rerun: ", result.rerun(), "\n");
  if (!result.warnings().empty()) {
    absl::StrAppend(&out, "warnings: ", absl::StrJoin(result.warnings(), " "), "\n");
  }
  element->InsertNewChildElement("system-out")->SetText(out.c_str());
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
  for (const v1::CaseResult& result : report.cases()) AddCase(result, suite, &counts);
  suite->SetAttribute("failures", counts.failures);
  suite->SetAttribute("errors", counts.errors);
  suite->SetAttribute("skipped", counts.skipped);
  tinyxml2::XMLPrinter printer;
  document.Print(&printer);
  return printer.CStr();
}

}  // namespace normbench
