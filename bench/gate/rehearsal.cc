// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/rehearsal.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/closed_probe.h"

namespace normbench {
namespace {

constexpr double kWarmupSeconds = 0.1;
constexpr double kFewestArrivals =
    20;                           // expected in a visit: that none comes is out of the question
constexpr double kReserve = 1.5;  // the next visit may be slower, or steady for less of its time

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

double NeededBy(const GateableMetric* metric) {
  return metric == nullptr ? 0 : static_cast<double>(SamplesFor(*metric));
}

// Arrivals scatter by the square root of their number, at most (Poisson).
double SecondsOfArrivals(double needed, double rate) {
  return std::max(kFewestArrivals, needed + 4 * std::sqrt(needed)) / rate;
}

// Of a kernel the server takes 60 samples at least, of images a closed loop takes all.
bool LastsAsLongAsItSays(const Case& c) {
  return OfferedRate(c) > 0 || KindOf(c.spec) == CaseKind::kService;
}

absl::Status SetLeast(const Rehearsal& rehearsal, GatedCell* cell) {
  const GateableMetric* metric = Neediest(*cell);
  const double needed = NeededBy(metric);
  const auto known = rehearsal.rate.find(cell->c.key);
  double rate = OfferedRate(cell->c);
  if (rate > 0) {
    cell->least_seconds = SecondsOfArrivals(needed, rate);
  } else if (known != rehearsal.rate.end() && known->second > 0) {
    rate = known->second;
    cell->least_seconds = kReserve * needed / rate;
  }
  const double expected = rate * cell->c.seconds;
  if (rate == 0 || cell->c.seconds == 0 || expected >= needed || !LastsAsLongAsItSays(cell->c)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: about %.0f samples in its %g s; %s takes %.0f: give it %.2f seconds, or none, or do not "
      "gate its %s",
      cell->c.key, expected, cell->c.seconds, metric->name, needed, cell->least_seconds,
      metric->name));
}

}  // namespace

std::vector<GatedCell> RehearsedCells(const std::vector<GatedCell>& cells) {
  std::vector<GatedCell> rehearsed = cells;
  for (GatedCell& cell : rehearsed) {
    const double rate = OfferedRate(cell.c);
    const double most = rate > 0 ? std::max(kUsualSeconds, kFewestArrivals / rate) : kUsualSeconds;
    cell.c.seconds = cell.c.seconds == 0 ? most : std::min(cell.c.seconds, most);
    cell.c.warmup_seconds =
        cell.c.warmup_seconds == 0 ? kWarmupSeconds : std::min(cell.c.warmup_seconds, most);
  }
  return rehearsed;
}

Rehearsal SlowerOf(const Rehearsal& a, const Rehearsal& b) {
  Rehearsal slower = {.visit_seconds = std::max(a.visit_seconds, b.visit_seconds),
                      .spent_seconds = std::max(a.spent_seconds, b.spent_seconds),
                      .rate = a.rate};
  for (const auto& [key, rate] : b.rate) {
    const auto [known, is_new] = slower.rate.emplace(key, rate);
    if (!is_new) known->second = std::min(known->second, rate);
  }
  return slower;
}

absl::Status SetLeastSeconds(const Rehearsal& rehearsal, std::vector<GatedCell>* cells) {
  for (GatedCell& cell : *cells) {
    if (absl::Status set = SetLeast(rehearsal, &cell); !set.ok()) return set;
  }
  return absl::OkStatus();
}

std::string LongestCell(const std::vector<GatedCell>& cells) {
  const GatedCell* longest = nullptr;
  for (const GatedCell& cell : cells) {
    if (cell.c.seconds > 0 || cell.least_seconds <= kUsualSeconds) continue;
    if (longest == nullptr || cell.least_seconds > longest->least_seconds) longest = &cell;
  }
  if (longest == nullptr) return "";
  const GateableMetric* metric = Neediest(*longest);
  return absl::StrFormat("; %s takes %.2f s of it to have samples%s%s", longest->c.key,
                         longest->least_seconds, metric == nullptr ? "" : " for its ",
                         metric == nullptr ? "" : metric->name);
}

}  // namespace normbench
