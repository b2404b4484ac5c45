// SPDX-License-Identifier: Apache-2.0
// The visits to a case -> its result. Pure.
#pragma once

#include <span>

#include "bench/report/case.h"
#include "bench/report/visits.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct Visit {
  v1::CaseResult result;
  Kept kept;
};

// The result of all visits together, judged by the expectations of `c`; of one visit it is that
// visit's. Counts are sums, rates are means over all the time that was measured, quantiles are of
// all requests, errors of answers are the worst, distinct outputs are told apart over all visits;
// status and error are those of the last visit that failed. With fewer visits than the case was
// to have it is interrupted. REQUIRES: 1 to c.visits visits, in order.
v1::CaseResult CombineVisits(const Case& c, std::span<const Visit> visits);

}  // namespace normbench
