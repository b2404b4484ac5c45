// SPDX-License-Identifier: Apache-2.0
#include "bench/report/visits.h"

#include "bench/load/arrival_spec.h"

namespace normbench {

void Keep(std::span<const double> seconds, std::vector<float>* kept) {
  if (seconds.size() <= kMostKept) kept->assign(seconds.begin(), seconds.end());
}

bool CanBeShared(const CaseSpec& spec) {
  if (KindOf(spec) == CaseKind::kInvariance) return false;
  const v1::Load* load = LoadOf(spec);
  if (load == nullptr || load->arrivals().empty()) return true;
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
