// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gated_metric.h"

#include <cmath>
#include <limits>

#include "bench/report/metric.h"

namespace normbench {
namespace {

constexpr GateableMetric kMetrics[] = {
    {.name = "p50", .kinds = "ksm", .margin = 0.05},
    {.name = "p90", .kinds = "ksm"},
    {.name = "p99", .kinds = "sm", .margin = 0.10},
    {.name = "mean", .kinds = "ksm"},
    {.name = "requests_per_s", .lower_is_better = false, .kinds = "sm"},
    {.name = "samples_per_s", .lower_is_better = false, .kinds = "sm", .margin = 0.05},
    {.name = "goodput_per_s", .lower_is_better = false, .kinds = "sm"},
    {.name = kCpuPerRequest, .kinds = "sm"}};

}  // namespace

const GateableMetric* FindGateable(std::string_view name) {
  for (const GateableMetric& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

std::vector<std::string> GateableNames() {
  std::vector<std::string> names;
  for (const GateableMetric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

bool AppliesTo(const GateableMetric& metric, CaseKind kind) {
  return metric.kinds.find(Name(kind).front()) != std::string_view::npos;
}

std::optional<double> ObserveGateable(const GateableMetric& metric, const v1::CaseResult& result) {
  const Metric* known = FindMetric(metric.name);
  if (known == nullptr || result.status() != "ok") return std::nullopt;
  return known->observe(result).value;
}

double Worsening(const GateableMetric& metric, double a, double b) {
  if (a == b) return 0;  // infinite ones, too
  const double change = std::log(b) - std::log(a);
  return metric.lower_is_better ? change : -change;
}

}  // namespace normbench
