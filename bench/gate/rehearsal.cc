// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/rehearsal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/str_format.h"
#include "bench/gate/gated_metric.h"
#include "bench/load/arrival_spec.h"
#include "bench/report/closed_probe.h"

namespace normbench {
namespace {

constexpr double kWarmupSeconds = 0.1;
// Of a Poisson schedule, expected in a visit: that none comes is out of the question.
constexpr double kFewestArrivals = 20;
constexpr double kReserve = 1.25;      // the next visit may be slower
constexpr double kKernelSamples = 60;  // a server goes on for them ...
constexpr double kKernelLonger = 3;    // ... up to so many times its seconds (sample_budget.h)

// How an open loop sends; nothing for all else.
std::optional<ArrivalSpec> ArrivalsOf(const Case& c) {
  const v1::Load* load = LoadOf(c.spec);
  if (load == nullptr || load->arrivals().empty()) return std::nullopt;
  const auto spec = ParseArrivalSpec(load->arrivals());
  const bool known = spec.ok() && !spec->relative && spec->rates.size() == 1;
  return known ? std::optional(*spec) : std::nullopt;
}

double FewestArrivals(const ArrivalSpec& arrivals) {
  return arrivals.kind == ArrivalSpec::Kind::kPoisson ? kFewestArrivals : 2;
}

// Poisson arrivals scatter by the square root of their number.
double ArrivalsFor(double needed, const ArrivalSpec& arrivals) {
  const bool scatter = arrivals.kind == ArrivalSpec::Kind::kPoisson;
  return std::max(FewestArrivals(arrivals), needed + (scatter ? 4 * std::sqrt(needed) : 1));
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

double SamplesNeededBy(const GatedCell& cell) {
  const GateableMetric* metric = Neediest(cell);
  return metric == nullptr ? 0 : static_cast<double>(SamplesFor(*metric));
}

// In the seconds that the policy gives to the cell. A closed loop over images takes all of them at
// least once, whatever its seconds: it has what it has.
double Expected(const GatedCell& cell, double rate) {
  const double samples = rate * cell.c.seconds;
  switch (KindOf(cell.c.spec)) {
    case CaseKind::kKernel:
      return std::max(samples, std::min(kKernelSamples, kKernelLonger * samples));
    case CaseKind::kModel:
      return ArrivalsOf(cell.c) ? samples : std::numeric_limits<double>::infinity();
    default:
      return samples;
  }
}

absl::Status CheckOwnSeconds(const GatedCell& cell, double rate, double needed) {
  const double expected = Expected(cell, rate);
  if (cell.c.seconds == 0 || expected >= needed) return absl::OkStatus();
  const GateableMetric* metric = Neediest(cell);
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: about %.0f samples in its %g s; %s takes %.0f: give it %.2f seconds, or none",
      cell.c.key, expected, cell.c.seconds, metric == nullptr ? "an open loop" : metric->name,
      needed, cell.least_seconds));
}

absl::Status SetLeast(const Rehearsal& rehearsal, GatedCell* cell) {
  const double needed = SamplesNeededBy(*cell);
  if (const auto arrivals = ArrivalsOf(cell->c)) {
    const double all = ArrivalsFor(needed, *arrivals);
    cell->least_seconds = all / arrivals->rates[0];
    return CheckOwnSeconds(*cell, arrivals->rates[0], std::floor(all));
  }
  const auto rate = rehearsal.rate.find(cell->c.key);
  if (rate == rehearsal.rate.end() || rate->second <= 0) return absl::OkStatus();
  cell->least_seconds = kReserve * needed / rate->second;
  return CheckOwnSeconds(*cell, rate->second, needed);
}

}  // namespace

std::vector<GatedCell> RehearsedCells(const std::vector<GatedCell>& cells) {
  std::vector<GatedCell> rehearsed = cells;
  for (GatedCell& cell : rehearsed) {
    const auto arrivals = ArrivalsOf(cell.c);
    const double most =
        arrivals ? std::max(kUsualSeconds, FewestArrivals(*arrivals) / arrivals->rates[0])
                 : kUsualSeconds;
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
