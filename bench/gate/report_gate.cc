// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/report_gate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/gate/accuracy_change.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/gated_cell.h"
#include "bench/gate/gated_metric.h"
#include "bench/gate/judge.h"
#include "bench/gate/verdict.h"
#include "bench/report/expand.h"
#include "bench/stats/welch.h"

namespace normbench {
namespace {

using Results = std::map<std::string, const v1::CaseResult*>;

Results ByKey(const v1::Report& report) {
  Results results;
  for (const v1::CaseResult& result : report.cases()) results.emplace(result.key(), &result);
  return results;
}

// The logarithm of a quantile as the mean of the visits, with its standard error; nothing where the
// report has no interval over visits.
std::optional<MeanOfFew> MeanOf(const v1::CaseResult& result, const v1::Quantile& quantile) {
  if (result.open_loop().client_limited()) return std::nullopt;  // the times are the client's
  if (quantile.ci_scope() != "visits" || !quantile.has_low() || !quantile.has_high())
    return std::nullopt;
  // What a person has edited need not be an interval.
  if (result.visits() < 2 || !(0 < quantile.low() && quantile.low() <= quantile.value() &&
                               quantile.value() <= quantile.high())) {
    return std::nullopt;
  }
  return MeanFromInterval(std::log(quantile.value()), std::log(quantile.low()),
                          std::log(quantile.high()), 0.95, result.visits());
}

class ReportGate {
 public:
  ReportGate(const v1::Policy& policy, const v1::Report& baseline, const v1::Report& candidate)
      : policy_(policy), a_(ByKey(baseline)), b_(ByKey(candidate)) {}

  // In the order of the baseline; those that the policy names.
  absl::StatusOr<std::vector<std::pair<const v1::CaseResult*, const v1::CaseResult*>>> Common(
      const v1::Report& baseline) const {
    std::vector<std::pair<const v1::CaseResult*, const v1::CaseResult*>> common;
    for (const v1::CaseResult& result : baseline.cases()) {
      const auto other = b_.find(result.key());
      if (other == b_.end() || !IsNamed(result.key())) continue;
      common.emplace_back(&result, other->second);
    }
    if (absl::Status missing = CheckNamed(common); !missing.ok()) return missing;
    if (!common.empty()) return common;
    return absl::InvalidArgumentError(absl::StrCat(
        "the reports have no common case: ", a_.empty() ? "none" : a_.begin()->first,
        " in the baseline, ", b_.empty() ? "none" : b_.begin()->first, " in the candidate"));
  }

  std::vector<v1::CellVerdict> Judge(const v1::CaseResult& a, const v1::CaseResult& b) const {
    std::vector<v1::CellVerdict> verdicts;
    for (const v1::GatedMetric& metric : policy_.metrics()) {
      const v1::Quantile* in_a = QuantileOf(a, metric.metric());
      if (in_a == nullptr || !AppliesTo(*FindGateable(metric.metric()), KindByName(a.kind())))
        continue;
      if (!MatchesFilter(a.key(), metric.cells())) continue;
      v1::CellVerdict& verdict = verdicts.emplace_back();
      verdict.set_key(a.key());
      verdict.set_metric(metric.metric());
      verdict.set_margin(metric.margin());
      JudgeQuantiles(a, *in_a, b, *QuantileOf(b, metric.metric()), &verdict);
    }
    return verdicts;
  }

 private:
  static CaseKind KindByName(std::string_view name) {
    const auto found = std::find_if(kCaseKinds.begin(), kCaseKinds.end(),
                                    [&](CaseKind kind) { return Name(kind) == name; });
    return found == kCaseKinds.end() ? CaseKind::kKernel : *found;
  }

  static bool Fits(const std::string& key, const std::string& named) {
    const auto cases = Expand(SweepOfKey(named));
    return cases.ok() && MatchesFilter(key, cases->front().key);
  }

  bool IsNamed(const std::string& key) const {
    if (policy_.cells().empty()) return true;
    for (const v1::KeyedSweep& cell : policy_.cells()) {
      for (const std::string& named : cell.key()) {
        if (Fits(key, named)) return true;
      }
    }
    return false;
  }

  // What the policy names and one of the reports has not.
  absl::Status CheckNamed(
      const std::vector<std::pair<const v1::CaseResult*, const v1::CaseResult*>>& common) const {
    for (const v1::KeyedSweep& cell : policy_.cells()) {
      for (const std::string& named : cell.key()) {
        const bool found = std::any_of(common.begin(), common.end(), [&](const auto& both) {
          return Fits(both.first->key(), named);
        });
        if (found) continue;
        return absl::InvalidArgumentError(
            absl::StrCat("the reports do not both have the cell that the policy names: ", named));
      }
    }
    return absl::OkStatus();
  }

  void JudgeQuantiles(const v1::CaseResult& a, const v1::Quantile& in_a, const v1::CaseResult& b,
                      const v1::Quantile& in_b, v1::CellVerdict* verdict) const {
    verdict->set_p_regressed(1);
    verdict->set_p_improved(1);
    verdict->set_p_ok(1);
    if (in_a.has_value()) verdict->set_a(in_a.value());
    if (in_b.has_value()) verdict->set_b(in_b.value());
    const auto mean_a = MeanOf(a, in_a), mean_b = MeanOf(b, in_b);
    if (!mean_a || !mean_b) return;
    const MeanDifference difference = Welch(*mean_a, *mean_b);
    const double margin = std::log1p(verdict->margin());
    verdict->set_rounds(std::min(a.visits(), b.visits()));
    verdict->set_worse(std::expm1(difference.estimate));
    verdict->set_low(std::expm1(difference.Bound(policy_.alpha())));
    verdict->set_high(std::expm1(difference.Bound(1 - policy_.alpha())));
    verdict->set_p_regressed(difference.PGreater(margin));
    verdict->set_p_improved(difference.PLess(-margin));
    verdict->set_p_ok(difference.PLess(margin));
  }

  const v1::Policy& policy_;
  const Results a_, b_;
};

// Whether a report has the metric with an interval.
bool IsKept(const std::string& metric) {
  return QuantileOf(v1::CaseResult::default_instance(), metric) != nullptr;
}

// What the policy asks for and reports cannot say. Rates are among the defaults and are left out.
absl::Status CheckMetrics(const v1::Policy& policy) {
  bool any = false;
  for (const v1::GatedMetric& metric : policy.metrics()) {
    any = any || IsKept(metric.metric());
    if (IsKept(metric.metric()) || metric.metric() == "samples_per_s") continue;
    return absl::InvalidArgumentError(
        absl::StrCat("metrics: ", metric.metric(),
                     " has no interval in a report; allowed: p50, p90, p99 (`normbench compare` "
                     "judges all of them)"));
  }
  if (any) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "metrics: none that a report has an interval of: p50, p90, p99");
}

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

void Decide(const v1::Policy& policy, std::vector<v1::CellVerdict>* verdicts) {
  AdjustTogether(verdicts);
  for (v1::CellVerdict& verdict : *verdicts) {
    verdict.set_verdict(verdict.p_improved() <= policy.alpha() ? "IMPROVED"
                        : verdict.p_ok() <= policy.alpha()     ? "OK"
                                                               : "INCONCLUSIVE");
    if (verdict.p_regressed() <= policy.alpha()) verdict.set_confirmation(std::string(kOneProcess));
  }
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

}  // namespace

std::vector<std::string> DifferencesOf(const v1::Environment& a, const v1::Environment& b) {
  std::vector<std::string> names;
  const auto check = [&names](const char* name, const auto& in_a, const auto& in_b) {
    if (in_a != in_b) names.push_back(absl::StrCat(name, " ", in_a, " / ", in_b));
  };
  check("cpu_model", a.cpu_model(), b.cpu_model());
  check("cpus", a.cpus(), b.cpus());
  check("isa", a.isa(), b.isa());
  check("allocator", a.allocator(), b.allocator());
  check("workers", a.workers(), b.workers());
  for (const char* library : {"torch", "grpc"}) {
    const auto version = [library](const v1::Environment& environment) {
      const auto found = environment.libraries().find(library);
      return found == environment.libraries().end() ? std::string("none") : found->second;
    };
    check(library, version(a), version(b));
  }
  return names;
}

absl::StatusOr<v1::Comparison> CompareReports(const v1::Policy& policy, const v1::Report& baseline,
                                              const v1::Report& candidate,
                                              const ReportGateOptions& options) {
  if (absl::Status metrics = CheckMetrics(policy); !metrics.ok()) return metrics;
  const ReportGate gate(policy, baseline, candidate);
  const auto common = gate.Common(baseline);
  if (!common.ok()) return common.status();
  v1::Comparison comparison;
  std::vector<v1::CellVerdict> verdicts;
  Rounds rounds;
  for (const auto& [a, b] : *common) {
    for (v1::CellVerdict& verdict : gate.Judge(*a, *b)) verdicts.push_back(std::move(verdict));
    *rounds.Add() = RoundOf(*a, *b);
    if (comparison.error().empty()) comparison.set_error(FailureOf(*a, *b));
  }
  const std::vector<std::string> differences = DifferencesOf(baseline.server(), candidate.server());
  if (!verdicts.empty() && !differences.empty() && !options.across_machines) {
    return absl::InvalidArgumentError(absl::StrCat(
        "times of different environments are not comparable: ", absl::StrJoin(differences, ", "),
        " (--across-machines compares them all the same; `normbench compare` needs none)"));
  }
  Decide(policy, &verdicts);
  comparison.set_schema_version(kComparisonVersion);
  comparison.set_run_id(candidate.run_id());
  comparison.set_started(candidate.started());
  comparison.set_outcome(comparison.error().empty() ? "complete" : "arm_failed");
  *comparison.mutable_policy() = policy;
  *comparison.mutable_a()->mutable_server() = baseline.server();
  *comparison.mutable_b()->mutable_server() = candidate.server();
  for (v1::CellVerdict& verdict : verdicts) *comparison.add_cells() = std::move(verdict);
  *comparison.mutable_accuracy() = JudgeAccuracy(policy, rounds);
  Conclude(&comparison);
  return comparison;
}

}  // namespace normbench
