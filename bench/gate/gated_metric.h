// SPDX-License-Identifier: Apache-2.0
// The metrics that a gate may judge, and which way is worse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/report/case.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

inline constexpr std::string_view kCpuPerRequest = "cpu_s_per_request";

struct GateableMetric {
  std::string_view name;
  bool lower_is_better = true;
  std::string_view
      kinds;          // first letters of the case kinds that have it, as in bench/report/metric.h
  double margin = 0;  // default; 0: not gated unless the policy says so
};

// Null for an unknown name.
const GateableMetric* FindGateable(std::string_view name);

std::vector<std::string> GateableNames();

bool AppliesTo(const GateableMetric& metric, CaseKind kind);

// Of a result of one visit; nothing where it cannot be said of so few samples (SamplesNeeded), +inf
// where too many requests failed. A quantile needs no interval of its own here: how far it would be
// off the next time the rounds show, and intervals are missing where requests waited for one
// another, so leaving those visits out would leave out the slow ones. Not of kCpuPerRequest, which
// no result has.
std::optional<double> ObserveGateable(const GateableMetric& metric, const v1::CaseResult& result);

// The quantile of the result that the metric is; null for what is none.
const v1::Quantile* QuantileOf(const v1::CaseResult& result, std::string_view metric);

// How many samples a visit has to have for the metric.
int64_t SamplesFor(const GateableMetric& metric);

// ln(b / a), turned so that above 0 is worse. Infinite where one side is; 0 where both are.
double Worsening(const GateableMetric& metric, double a, double b);

}  // namespace normbench
