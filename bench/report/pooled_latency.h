// SPDX-License-Identifier: Apache-2.0
// The latencies of several visits to one case -> one LatencySummary: quantiles of all requests
// together, never means of the visits' quantiles, and intervals from what the visits' own quantiles
// differ by (bench/stats/replications.h).
#pragma once

#include <span>

#include "normbench/v1/report.pb.h"

namespace normbench {

struct VisitLatency {
  const v1::LatencySummary* summary = nullptr;
  std::span<const float> raw;  // seconds, +inf for failures; empty: as `histogram` has them
  // Of the visit's successes: all others of summary->n() count as +inf.
  const google::protobuf::RepeatedPtrField<v1::HistogramBucket>* histogram = nullptr;
};

// REQUIRES: visits are not empty. A quantile is absent where all together are too few, and has no
// interval where a visit has fewer than one request beyond it, or failures there.
v1::LatencySummary PoolLatency(std::span<const VisitLatency> visits);

}  // namespace normbench
