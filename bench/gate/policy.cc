// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/policy.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/norm/nearest.h"
#include "bench/report/strict_json.h"

namespace normbench {
namespace {

absl::Status Bad(const std::string& field, const std::string& value, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", value, "; allowed: ", allowed));
}

struct Range {
  const char* field;
  double low, high;
};

absl::Status Check(const Range& range, double value) {
  if (std::isfinite(value) && value >= range.low && value <= range.high) return absl::OkStatus();
  return Bad(range.field, absl::StrFormat("%.10g", value),
             absl::StrFormat("%.10g to %.10g", range.low, range.high));
}

absl::Status CheckMetric(const v1::GatedMetric& metric, int number) {
  const std::string field = absl::StrCat("metrics[", number, "]");
  if (FindGateable(metric.metric()) == nullptr) {
    return absl::InvalidArgumentError(
        UnknownWord(field + ".metric", metric.metric(), GateableNames()));
  }
  return Check({.field = (field + ".margin").c_str(), .low = 0.001, .high = 10}, metric.margin());
}

void SetDefaults(v1::Policy* policy) {
  const auto set = [](double value, double usual) { return value == 0 ? usual : value; };
  policy->set_alpha(set(policy->alpha(), 0.05));
  if (policy->rounds() > 0 && !policy->has_extension_rounds()) {
    policy->set_extension_rounds(policy->rounds());
  }
  if (!policy->has_confirmation_rounds()) policy->set_confirmation_rounds(12);
  policy->set_budget_seconds(set(policy->budget_seconds(), 300));
  if (policy->inconclusive().empty()) policy->set_inconclusive("exit5");
  if (policy->seed() == 0) policy->set_seed(1);
  policy->set_max_detectable(set(policy->max_detectable(), 4));
  policy->set_max_steal(set(policy->max_steal(), 0.1));
  policy->set_max_throttled(set(policy->max_throttled(), 0.05));
  policy->set_accuracy_alpha(set(policy->accuracy_alpha(), 0.01));
  policy->set_max_error_growth(set(policy->max_error_growth(), 2));
}

// Those that are gated unless the policy says otherwise, each where it applies.
void SetDefaultMetrics(v1::Policy* policy) {
  if (!policy->metrics().empty()) return;
  for (const std::string& name : GateableNames()) {
    const double margin = FindGateable(name)->margin;
    if (margin == 0) continue;
    v1::GatedMetric* metric = policy->add_metrics();
    metric->set_metric(name);
    metric->set_margin(margin);
  }
}

absl::Status CheckRanges(const v1::Policy& policy) {
  // A plan fills in 0. Before extension_rounds, which may be a copy.
  if (policy.rounds() != 0) {
    const absl::Status status =
        Check({"rounds", kFewestRounds, 200}, static_cast<double>(policy.rounds()));
    if (!status.ok()) return status;
  }
  const std::pair<Range, double> ranges[] = {
      {{"alpha", 0.001, 0.2}, policy.alpha()},
      {{"extension_rounds", 0, 200}, static_cast<double>(policy.extension_rounds())},
      {{"budget_seconds", 10, 86400}, policy.budget_seconds()},
      {{"seed", 1, 2147483647}, static_cast<double>(policy.seed())},
      {{"max_detectable", 1.1, 100}, policy.max_detectable()},
      {{"max_steal", 0.001, 1}, policy.max_steal()},
      {{"max_throttled", 0.001, 1}, policy.max_throttled()},
      {{"max_pressure", 0, 1}, policy.max_pressure()},
      {{"max_load", 0, 1e6}, policy.max_load()},
      {{"accuracy_alpha", 1e-6, 0.2}, policy.accuracy_alpha()},
      {{"max_error_growth", 1, 1e6}, policy.max_error_growth()}};
  for (const auto& [range, value] : ranges) {
    if (absl::Status status = Check(range, value); !status.ok()) return status;
  }
  const int confirmation = policy.confirmation_rounds();
  if (confirmation == 0) return absl::OkStatus();
  // Below 5 a one-sided 95 % bound does not exist.
  if (confirmation >= 5 && confirmation <= 200) return absl::OkStatus();
  return Bad("confirmation_rounds", absl::StrCat(confirmation), "0, or 5 to 200");
}

absl::Status CheckWords(const v1::Policy& policy) {
  if (policy.version() != kPolicyVersion) {
    return Bad("version", absl::StrCat(policy.version()), absl::StrCat(kPolicyVersion));
  }
  if (!IsRegisteredName(policy.name())) {
    return Bad("name", absl::StrCat("'", policy.name(), "'"), "1 to 64 of a-z 0-9 _ -");
  }
  const std::array<std::string, 3> words = {"exit5", "pass", "fail"};
  for (const std::string& word : words) {
    if (policy.inconclusive() == word) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(UnknownWord("inconclusive", policy.inconclusive(), words));
}

absl::Status CheckCells(const v1::Policy& policy) {
  if (policy.cells().empty()) return Bad("cells", "none", "1 to 32 case keys");
  for (int i = 0; i < policy.cells_size(); ++i) {
    const v1::KeyedSweep& cell = policy.cells(i);
    const std::string field = absl::StrCat("cells[", i, "]");
    if (cell.key().empty()) return Bad(field + ".key", "none", "at least one case key");
    if (!cell.expect().empty()) {
      return absl::InvalidArgumentError(
          field + ".expect: a gate compares; absolute expectations belong into a sweep");
    }
  }
  return absl::OkStatus();
}

}  // namespace

v1::Policy DefaultPolicy(const std::string& name) {
  v1::Policy policy;
  policy.set_version(kPolicyVersion);
  policy.set_name(name);
  SetDefaults(&policy);
  SetDefaultMetrics(&policy);
  return policy;
}

absl::StatusOr<v1::Policy> CompletePolicy(v1::Policy policy) {
  SetDefaults(&policy);
  SetDefaultMetrics(&policy);
  if (absl::Status status = CheckWords(policy); !status.ok()) return status;
  if (absl::Status status = CheckCells(policy); !status.ok()) return status;
  if (absl::Status status = CheckRanges(policy); !status.ok()) return status;
  for (int i = 0; i < policy.metrics_size(); ++i) {
    if (absl::Status status = CheckMetric(policy.metrics(i), i); !status.ok()) return status;
  }
  return policy;
}

double LookAlpha(const v1::Policy& policy) {
  const bool extended = !policy.has_extension_rounds() || policy.extension_rounds() > 0;
  return extended ? policy.alpha() / 2 : policy.alpha();
}

absl::StatusOr<v1::Policy> ParsePolicy(std::string_view json) {
  v1::Policy policy;
  if (absl::Status parsed = ParseStrictJson(json, &policy); !parsed.ok()) return parsed;
  return CompletePolicy(std::move(policy));
}

absl::StatusOr<v1::Policy> ReadPolicyFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadJsonFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<v1::Policy> policy = ParsePolicy(*text);
  if (policy.ok()) return policy;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", policy.status().message()));
}

}  // namespace normbench
