// SPDX-License-Identifier: Apache-2.0
// The latencies of several visits to one case -> one LatencySummary: quantiles of all requests
// together, never means of the visits' quantiles, and intervals from what the visits' own quantiles
// differ by (bench/stats/replications.h).
#pragma once

#include <span>

#include "bench/report/visits.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct VisitLatency {
  const v1::LatencySummary* summary = nullptr;
  const KeptSeries* series = nullptr;
  bool whole = true;  // else it ended before its time
};

// REQUIRES: visits are not empty. A quantile is absent where all together are too few. Its interval
// is from the whole visits, or from all where fewer than two are: none where one of them has not
// one request beyond the quantile; without an upper end where the quantile of one is a failure.
v1::LatencySummary PoolLatency(std::span<const VisitLatency> visits);

}  // namespace normbench
