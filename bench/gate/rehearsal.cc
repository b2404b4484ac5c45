// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/rehearsal.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/closed_probe.h"

namespace normbench {
namespace {

constexpr double kWarmupSeconds = 0.1;
constexpr double kArrivals = 10;   // expected; that none comes has a chance of one in 20,000
constexpr double kReserve = 1.25;  // the next visit may be slower

// Requests a second of an open loop; 0 of all else.
double OfferedRate(const Case& c) {
  const v1::Load* load = LoadOf(c.spec);
  if (load == nullptr || load->arrivals().empty()) return 0;
  const auto spec = ParseArrivalSpec(load->arrivals());
  return spec.ok() && spec->rates.size() == 1 ? spec->rates[0] : 0;
}

// The metric that takes the most samples; null where there is none.
const GateableMetric* Neediest(const GatedCell& cell) {
  const GateableMetric* neediest = nullptr;
  for (const v1::GatedMetric& metric : cell.metrics) {
    const GateableMetric* other = FindGateable(metric.metric());
    if (neediest == nullptr || SamplesFor(*other) > SamplesFor(*neediest)) neediest = other;
  }
  return neediest;
}

double RateOf(const Rehearsal& rehearsal, const GatedCell& cell) {
  if (const double offered = OfferedRate(cell.c); offered > 0) return offered;
  const auto known = rehearsal.rate.find(cell.c.key);
  return known == rehearsal.rate.end() ? 0 : known->second;
}

absl::Status SetLeast(double rate, GatedCell* cell) {
  const GateableMetric* metric = Neediest(*cell);
  if (metric == nullptr || rate <= 0) return absl::OkStatus();
  const auto needed = static_cast<double>(SamplesFor(*metric));
  cell->least_seconds = kReserve * needed / rate;
  if (cell->c.seconds == 0 || rate * cell->c.seconds >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: about %.0f samples in its %g s; %s takes %.0f: give it %.2f seconds, or none, or do not "
      "gate its %s",
      cell->c.key, rate * cell->c.seconds, cell->c.seconds, metric->name, needed,
      cell->least_seconds, metric->name));
}

}  // namespace

std::vector<GatedCell> RehearsedCells(const std::vector<GatedCell>& cells) {
  std::vector<GatedCell> rehearsed = cells;
  for (GatedCell& cell : rehearsed) {
    const double rate = OfferedRate(cell.c);
    const double most = rate > 0 ? std::max(kUsualSeconds, kArrivals / rate) : kUsualSeconds;
    cell.c.seconds = cell.c.seconds == 0 ? most : std::min(cell.c.seconds, most);
    cell.c.warmup_seconds =
        cell.c.warmup_seconds == 0 ? kWarmupSeconds : std::min(cell.c.warmup_seconds, most);
  }
  return rehearsed;
}

absl::Status SetLeastSeconds(const Rehearsal& rehearsal, std::vector<GatedCell>* cells) {
  for (GatedCell& cell : *cells) {
    if (absl::Status set = SetLeast(RateOf(rehearsal, cell), &cell); !set.ok()) return set;
  }
  return absl::OkStatus();
}

std::string LongestCell(const std::vector<GatedCell>& cells) {
  const auto longest = std::max_element(
      cells.begin(), cells.end(),
      [](const GatedCell& a, const GatedCell& b) { return a.least_seconds < b.least_seconds; });
  if (longest == cells.end() || longest->least_seconds <= kUsualSeconds) return "";
  return absl::StrFormat("; %s takes %.2f s of it to have samples for its %s", longest->c.key,
                         longest->least_seconds, Neediest(*longest)->name);
}

}  // namespace normbench
