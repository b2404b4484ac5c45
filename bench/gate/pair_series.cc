// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/pair_series.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/gate/gated_metric.h"

namespace normbench {
namespace {

std::optional<double> ValueOf(const v1::Round& round, std::string_view arm, const std::string& key,
                              const std::string& metric) {
  const v1::CellSample* sample = SampleOf(round, arm, key);
  if (sample == nullptr || !sample->metrics().contains(metric)) return std::nullopt;
  const double value = sample->metrics().at(metric);
  if (std::isnan(value)) return std::nullopt;  // nothing over nothing
  return value;
}

}  // namespace

const v1::CellSample* SampleOf(const v1::Round& round, std::string_view arm,
                               const std::string& key) {
  for (const v1::ArmVisit& visit : round.visits()) {
    if (visit.arm() != arm) continue;
    for (const v1::CellSample& sample : visit.cells()) {
      if (sample.key() == key) return &sample;
    }
  }
  return nullptr;
}

PairSeries PairsOf(const Rounds& rounds, const std::vector<std::string_view>& phases,
                   const std::string& key, const std::string& metric) {
  const GateableMetric& gateable = *FindGateable(metric);
  PairSeries series;
  for (const v1::Round& round : rounds) {
    if (!round.why_void().empty()) continue;
    if (std::find(phases.begin(), phases.end(), round.phase()) == phases.end()) continue;
    const auto a = ValueOf(round, "A", key, metric);
    const auto b = ValueOf(round, "B", key, metric);
    const auto again = ValueOf(round, "A'", key, metric);
    if (a && again) series.floor.push_back(Worsening(gateable, *a, *again));
    if (!a || !b) continue;
    series.effect.push_back(Worsening(gateable, *a, *b));
    series.a.push_back(*a);
    series.b.push_back(*b);
  }
  return series;
}

}  // namespace normbench
