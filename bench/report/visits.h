// SPDX-License-Identifier: Apache-2.0
// A case may be visited several times over a sweep, each time with fresh memory and connections, a
// share of its budget at a time: what differs from minute to minute and from one allocation to the
// next is then in the intervals. Pure. combine_visits.h puts them together again.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/report/case.h"

namespace normbench {

inline constexpr int kMaxVisits = 20;

// More latencies than these of a visit are kept by their buckets: a sweep keeps them of all visits.
inline constexpr size_t kMostKept = size_t{1} << 14;

// The latencies of a visit, each so often.
struct KeptSeries {
  std::vector<float> seconds = {};    // +inf: failures
  std::vector<uint32_t> counts = {};  // empty: once each
};

// Keeps all of `seconds`, or the upper edges of the buckets where they are too many.
KeptSeries Keep(std::span<const double> seconds);

// Keeps the buckets, and so many failures.
KeptSeries Keep(const Histogram& histogram, double failures);

// An answer to an input, by its checksum.
struct OutputId {
  int64_t input = 0;
  uint64_t checksum = 0;
  auto operator<=>(const OutputId&) const = default;
};

// What of a visit only several of them together can use, beside its result.
struct Kept {
  // Of latency_ok, latency_all, latency_sent and send_lag of the result. `all` is empty where
  // nothing failed: it is `ok` then.
  KeptSeries ok = {}, all = {}, sent = {}, lag = {};
  std::vector<OutputId> outputs = {};  // of the timed answers; at most kMaxDistinct + 1 for each
};

// Whether the budget of the case can be shared out. Not where a check takes what it takes
// (invariance), not where the schedule has a shape that takes the whole window, and not where a
// schedule, which ends in its time, is to bring all images of a model.
bool CanBeShared(const CaseSpec& spec);

// Number `visit` of the visits to `c`, from 0: its share of the seconds and requests; times of
// random schedules are its own.
Case VisitTo(const Case& c, int visit);

}  // namespace normbench
