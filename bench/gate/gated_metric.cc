// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gated_metric.h"

#include <cmath>
#include <limits>

#include "bench/report/latency.h"
#include "bench/report/metric.h"
#include "bench/stats/quantile.h"

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

struct NamedQuantile {
  std::string_view name;
  double q;
  const v1::Quantile& (*of)(const v1::LatencySummary& latency);
};

constexpr NamedQuantile kQuantiles[] = {
    {"p50", 0.5, [](const v1::LatencySummary& l) -> const v1::Quantile& { return l.p50(); }},
    {"p90", 0.9, [](const v1::LatencySummary& l) -> const v1::Quantile& { return l.p90(); }},
    {"p99", 0.99, [](const v1::LatencySummary& l) -> const v1::Quantile& { return l.p99(); }}};

// Null for what is no quantile.
const NamedQuantile* QuantileNamed(std::string_view name) {
  for (const NamedQuantile& quantile : kQuantiles) {
    if (quantile.name == name) return &quantile;
  }
  return nullptr;
}

std::optional<double> ValueOf(const v1::Quantile& quantile) {
  if (quantile.is_infinite()) return std::numeric_limits<double>::infinity();
  return quantile.has_value() ? std::optional(quantile.value()) : std::nullopt;
}

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
  const v1::Quantile* quantile = QuantileOf(result, metric.name);
  return quantile != nullptr ? ValueOf(*quantile) : known->observe(result).value;
}

const v1::Quantile* QuantileOf(const v1::CaseResult& result, std::string_view metric) {
  const NamedQuantile* quantile = QuantileNamed(metric);
  return quantile == nullptr ? nullptr : &quantile->of(result.latency_all());
}

int64_t SamplesFor(const GateableMetric& metric) {
  const NamedQuantile* quantile = QuantileNamed(metric.name);
  return quantile == nullptr ? 1 : SamplesNeeded(quantile->q, kConfidence);
}

double Worsening(const GateableMetric& metric, double a, double b) {
  if (a == b) return 0;  // infinite ones, too
  const double change = std::log(b) - std::log(a);
  return metric.lower_is_better ? change : -change;
}

}  // namespace normbench
