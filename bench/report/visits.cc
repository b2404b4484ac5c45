// SPDX-License-Identifier: Apache-2.0
#include "bench/report/visits.h"

#include <cmath>
#include <limits>

#include "bench/load/arrival_spec.h"

namespace normbench {

KeptSeries Keep(std::span<const double> seconds) {
  if (seconds.size() <= kMostKept) return {{seconds.begin(), seconds.end()}, {}};
  Histogram histogram;
  double failures = 0;
  for (const double value : seconds) {
    if (std::isinf(value)) {
      ++failures;
    } else {
      histogram.Record(value);
    }
  }
  return Keep(histogram, failures);
}

KeptSeries Keep(const Histogram& histogram, double failures) {
  KeptSeries series;
  const auto add = [&series](double seconds, double count) {
    if (count <= 0) return;
    series.seconds.push_back(static_cast<float>(seconds));
    series.counts.push_back(static_cast<uint32_t>(count));
  };
  for (const auto& [upper, count] : histogram.Buckets()) add(upper, count);
  add(std::numeric_limits<double>::infinity(), failures);
  return series;
}

bool CanBeShared(const CaseSpec& spec) {
  if (KindOf(spec) == CaseKind::kInvariance) return false;
  const v1::Load* load = LoadOf(spec);
  if (load == nullptr || load->arrivals().empty()) return true;
  if (KindOf(spec) == CaseKind::kModel) return false;
  const auto arrivals = ParseArrivalSpec(load->arrivals());
  return arrivals.ok() && (arrivals->kind == ArrivalSpec::Kind::kConstant ||
                           arrivals->kind == ArrivalSpec::Kind::kPoisson);
}

Case VisitTo(const Case& c, int visit) {
  Case part = c;
  part.seconds = c.seconds / c.visits;
  part.max_requests = (c.max_requests + c.visits - 1) / c.visits;
  part.arrivals_seed += static_cast<uint64_t>(visit);
  return part;
}

}  // namespace normbench
