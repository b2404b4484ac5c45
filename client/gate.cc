// SPDX-License-Identifier: Apache-2.0
#include "client/gate.h"

#include <iostream>

#include "bench/gate/comparison_text.h"
#include "bench/gate/gate_run.h"
#include "bench/gate/policy.h"
#include "bench/gate/report_gate.h"
#include "client/failure.h"
#include "client/kept_report.h"
#include "client/verdict_files.h"

namespace normbench {
namespace {

// The default: whatever both reports have.
absl::StatusOr<v1::Policy> PolicyOf(const GateArguments& arguments) {
  if (!arguments.policy.empty()) return ReadPolicyFile(arguments.policy);
  return DefaultPolicy("default");
}

// Written as any verdict is: what an earlier gate wrote would be read in its place.
v1::Comparison Refused(const v1::Policy& policy, const v1::Report& baseline,
                       const v1::Report& candidate, const absl::Status& why) {
  v1::Comparison comparison = NewReportComparison(policy, baseline, candidate);
  EndWithoutRounds(why, &comparison);
  return comparison;
}

}  // namespace

int Gate(const GateArguments& arguments) {
  const auto policy = PolicyOf(arguments);
  if (!policy.ok()) return Fail(policy.status());
  if (absl::Status status = CheckOutputs(arguments.outputs); !status.ok()) return Fail(status);
  const auto baseline = ReadKeptReport(arguments.baseline);
  if (!baseline.ok()) return Fail(baseline.status());
  const auto candidate = ReadKeptReport(arguments.candidate);
  if (!candidate.ok()) return Fail(candidate.status());
  auto comparison = CompareReports(*policy, *baseline, *candidate,
                                   {.across_machines = arguments.across_machines});
  if (!comparison.ok()) comparison = Refused(*policy, *baseline, *candidate, comparison.status());
  comparison->mutable_a()->set_source(arguments.baseline);
  comparison->mutable_b()->set_source(arguments.candidate);
  std::cout << ComparisonConsole(*comparison) << std::flush;
  return WorstOf(comparison->exit_code(), WriteOutputs(*comparison, arguments.outputs));
}

}  // namespace normbench
