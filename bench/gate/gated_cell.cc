// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gated_cell.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/gate/gated_metric.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/closed_probe.h"

namespace normbench {
namespace {

constexpr size_t kMostCells = 32;

v1::Sweep SweepOf(const v1::Policy& policy, const v1::KeyedSweep& entry) {
  v1::Sweep sweep;
  sweep.set_version(1);
  sweep.set_name(policy.name());
  sweep.set_seed(policy.seed());
  *sweep.add_cases() = entry;
  return sweep;
}

// Whether each visit meets the same load: no shape over time, no share of what was measured.
bool IsEven(const Case& c) {
  const v1::Load* load = LoadOf(c.spec);
  if (load == nullptr || load->arrivals().empty()) return true;
  const auto spec = ParseArrivalSpec(load->arrivals());
  return spec.ok() && !NeedsMaximum(c) &&
         (spec->kind == ArrivalSpec::Kind::kConstant || spec->kind == ArrivalSpec::Kind::kPoisson);
}

// Everything of the entry; without seconds where it names none.
absl::StatusOr<std::vector<GatedCell>> CellsOf(const v1::Policy& policy,
                                               const v1::KeyedSweep& entry,
                                               const ImplDevices& devices) {
  const auto cases = Expand(SweepOf(policy, entry), {.devices = devices});
  if (!cases.ok()) return cases.status();
  std::vector<GatedCell> cells;
  for (const Case& c : *cases) {
    if (!IsEven(c)) {
      return absl::InvalidArgumentError(
          absl::StrCat(c.key, ": a comparison visits each cell many times with the same load; ",
                       "allowed arrivals: constant:RATE, poisson:RATE, or none (a closed loop)"));
    }
    GatedCell& cell = cells.emplace_back(GatedCell{.c = c, .metrics = {}});
    if (entry.seconds() == 0) cell.c.seconds = 0;
    if (entry.warmup_seconds() == 0) cell.c.warmup_seconds = 0;
  }
  return cells;
}

// A rate within the deadline can only be said where there is one.
bool Has(const Case& c, const std::string& metric) {
  if (!AppliesTo(*FindGateable(metric), KindOf(c.spec))) return false;
  return metric != "goodput_per_s" || LoadOf(c.spec)->deadline_seconds() > 0;
}

// Metrics that are gated unless the policy says otherwise may fit no cell; others are a mistake.
bool IsDefault(const v1::GatedMetric& metric) {
  return metric.cells().empty() && metric.margin() == FindGateable(metric.metric())->margin;
}

// The first of the policy's metrics of each name that fits the cell counts.
void AddMetrics(const v1::Policy& policy, std::set<int>* used, GatedCell* cell) {
  std::set<std::string> names;
  for (int i = 0; i < policy.metrics_size(); ++i) {
    const v1::GatedMetric& metric = policy.metrics(i);
    if (!Has(cell->c, metric.metric())) continue;
    if (!MatchesFilter(cell->c.key, metric.cells())) continue;
    used->insert(i);
    if (names.insert(metric.metric()).second) cell->metrics.push_back(metric);
  }
}

}  // namespace

absl::StatusOr<std::vector<GatedCell>> GatedCells(const v1::Policy& policy,
                                                  const ImplDevices& devices) {
  std::vector<GatedCell> cells;
  std::set<std::string> keys;
  std::set<int> used;
  for (int i = 0; i < policy.cells_size(); ++i) {
    auto more = CellsOf(policy, policy.cells(i), devices);
    if (!more.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("cells[", i, "]: ", more.status().message()));
    }
    for (GatedCell& cell : *more) {
      if (!keys.insert(cell.c.key).second) continue;
      AddMetrics(policy, &used, &cell);
      cells.push_back(std::move(cell));
    }
  }
  if (cells.size() > kMostCells) {
    return absl::InvalidArgumentError(
        absl::StrCat("cells: ", cells.size(), "; allowed: 1 to ", kMostCells));
  }
  for (int i = 0; i < policy.metrics_size(); ++i) {
    const v1::GatedMetric& metric = policy.metrics(i);
    if (used.contains(i) || IsDefault(metric)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "metrics[", i, "]: no cell ",
        metric.cells().empty() ? "" : absl::StrCat("that '", metric.cells(), "' fits "), "has ",
        metric.metric()));
  }
  return cells;
}

std::vector<Case> CasesOf(const std::vector<GatedCell>& cells) {
  std::vector<Case> cases;
  for (const GatedCell& cell : cells) cases.push_back(cell.c);
  return cases;
}

}  // namespace normbench
