// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/report_gate.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/gate/accuracy_change.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/environment_change.h"
#include "bench/gate/kept_times.h"
#include "bench/gate/verdict.h"
#include "bench/report/case_key.h"

namespace normbench {
namespace {

using Pairs = std::vector<std::pair<const v1::CaseResult*, const v1::CaseResult*>>;

// A key and, apart from it, the device: a policy need not name one.
struct Identity {
  std::string key, device;
};

Identity IdentityOf(const std::string& key) {
  auto spec = ParseCaseKey(key);
  if (!spec.ok()) return {.key = key, .device = ""};
  v1::NormCase* norm_case = MutableNormCase(&*spec);
  if (norm_case == nullptr) return {.key = CaseKey(*spec), .device = ""};
  const std::string device = norm_case->device();
  norm_case->set_device("auto");
  return {.key = CaseKey(*spec), .device = device};
}

bool IsSame(const Identity& a, const Identity& b) {
  return a.key == b.key && (a.device == b.device || a.device == "auto" || b.device == "auto");
}

// A cell of the policy.
struct Named {
  std::string text;
  Identity identity;
  bool is_common = false;
};

// The cases of both reports, put together.
class Cases {
 public:
  Cases(const v1::Policy& policy, const v1::Report& baseline, const v1::Report& candidate) {
    for (const v1::KeyedSweep& cell : policy.cells()) {
      for (const std::string& key : cell.key()) named_.push_back({key, IdentityOf(key)});
    }
    std::map<std::string, const v1::CaseResult*> others;
    for (const v1::CaseResult& result : candidate.cases()) others.emplace(result.key(), &result);
    for (const v1::CaseResult& result : baseline.cases()) {
      const auto other = others.find(result.key());
      Add(result, other == others.end() ? nullptr : other->second);
    }
  }

  // In the order of the baseline; those that the policy names.
  const Pairs& common() const { return common_; }

  absl::Status Check(const v1::Report& baseline, const v1::Report& candidate) const {
    for (const Named& cell : named_) {
      if (cell.is_common) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("the reports do not both have the cell that the policy names: ", cell.text));
    }
    if (!common_.empty()) return absl::OkStatus();
    const auto first = [](const v1::Report& report) {
      return report.cases().empty() ? "none" : report.cases(0).key();
    };
    return absl::InvalidArgumentError(
        absl::StrCat("the reports have no common case: ", first(baseline), " in the baseline, ",
                     first(candidate), " in the candidate"));
  }

  void AddNotes(v1::Comparison* comparison) const {
    constexpr size_t kMost = 10;
    for (size_t i = 0; i < std::min(kMost, missing_.size()); ++i) {
      comparison->add_notes("only in the baseline: " + missing_[i]);
    }
    if (missing_.size() <= kMost) return;
    comparison->add_notes(
        absl::StrCat("only in the baseline: ", missing_.size() - kMost, " more cases"));
  }

 private:
  // `b`: null where the candidate has none.
  void Add(const v1::CaseResult& a, const v1::CaseResult* b) {
    const Identity identity = IdentityOf(a.key());
    bool is_named = named_.empty();
    for (Named& cell : named_) {
      if (!IsSame(identity, cell.identity)) continue;
      is_named = true;
      cell.is_common = cell.is_common || b != nullptr;
    }
    if (!is_named) return;
    if (b == nullptr) {
      missing_.push_back(a.key());
    } else {
      common_.emplace_back(&a, b);
    }
  }

  std::vector<Named> named_;
  Pairs common_;
  std::vector<std::string> missing_;  // keys
};

// A case that only the baseline could be measured in; empty: none.
std::string FailureOf(const v1::CaseResult& a, const v1::CaseResult& b) {
  if (a.status() != "ok") return "";
  if (b.status() != "ok") {
    return absl::StrCat(b.key(), ": ", b.status(), " in the candidate",
                        b.error().empty() ? "" : ": " + b.error());
  }
  const bool fails = b.latency_all().p50().is_infinite() && !a.latency_all().p50().is_infinite();
  return fails ? absl::StrCat(b.key(), ": more than half of the requests failed in the candidate")
               : "";
}

// The answers of both as one round, which is what they are judged as.
v1::Round RoundOf(const v1::CaseResult& a, const v1::CaseResult& b) {
  v1::Round round;
  for (const auto& [arm, result] : {std::pair("A", &a), std::pair("B", &b)}) {
    v1::ArmVisit& visit = *round.add_visits();
    visit.set_arm(arm);
    v1::CellSample& cell = *visit.add_cells();
    cell.set_key(a.key());
    *cell.mutable_accuracy() = AccuracyOf(*result);
  }
  return round;
}

v1::AccuracyVerdict JudgeAnswers(const v1::Policy& policy, const Pairs& common) {
  Rounds rounds;
  for (const auto& [a, b] : common) *rounds.Add() = RoundOf(*a, *b);
  return JudgeAccuracy(policy, rounds);
}

absl::Status CheckComparable(const KeptTimes& times, const v1::Report& baseline,
                             const v1::Report& candidate) {
  if (times.empty()) return absl::OkStatus();
  const auto differences = DifferencesOf(baseline, candidate, times.of_requests());
  if (differences.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "times of different environments are not comparable: ", absl::StrJoin(differences, ", "),
      " (--across-machines compares them all the same; `normbench compare` needs none)"));
}

void AddTimes(const KeptTimes& times, v1::Comparison* comparison) {
  std::vector<v1::CellVerdict> verdicts = times.Decide();
  // Answers are worse or not, and a cell is slower or not, however noisy others are.
  const bool found = std::ranges::any_of(
      verdicts, [](const v1::CellVerdict& cell) { return cell.confirmation() == kOneProcess; });
  if (comparison->accuracy().worse().empty() && !found) times.AddNoise(&verdicts);
  for (v1::CellVerdict& verdict : verdicts) *comparison->add_cells() = std::move(verdict);
  if (!times.left_out()) return;
  comparison->add_notes(
      "samples_per_s is left out: reports have no interval of it (`normbench compare` judges it)");
}

}  // namespace

v1::Comparison NewReportComparison(const v1::Policy& policy, const v1::Report& baseline,
                                   const v1::Report& candidate) {
  v1::Comparison comparison;
  comparison.set_schema_version(kComparisonVersion);
  comparison.set_run_id(candidate.run_id());
  comparison.set_started(candidate.started());
  *comparison.mutable_policy() = policy;
  *comparison.mutable_a()->mutable_server() = baseline.server();
  *comparison.mutable_b()->mutable_server() = candidate.server();
  return comparison;
}

absl::StatusOr<v1::Comparison> CompareReports(const v1::Policy& policy, const v1::Report& baseline,
                                              const v1::Report& candidate,
                                              const ReportGateOptions& options) {
  if (absl::Status metrics = CheckKeptMetrics(policy); !metrics.ok()) return metrics;
  const Cases cases(policy, baseline, candidate);
  if (absl::Status common = cases.Check(baseline, candidate); !common.ok()) return common;
  v1::Comparison comparison = NewReportComparison(policy, baseline, candidate);
  KeptTimes times(policy);
  for (const auto& [a, b] : cases.common()) {
    times.Add(*a, *b);
    if (comparison.error().empty()) comparison.set_error(FailureOf(*a, *b));
  }
  comparison.set_outcome(comparison.error().empty() ? "complete" : "arm_failed");
  *comparison.mutable_accuracy() = JudgeAnswers(policy, cases.common());
  cases.AddNotes(&comparison);
  const absl::Status comparable =
      options.across_machines ? absl::OkStatus() : CheckComparable(times, baseline, candidate);
  if (comparable.ok()) {
    AddTimes(times, &comparison);
  } else if (comparison.accuracy().worse().empty()) {
    return comparable;
  } else {
    comparison.add_notes(std::string(comparable.message()));
  }
  Conclude(&comparison);
  times.ExplainNoise(&comparison);
  return comparison;
}

}  // namespace normbench
