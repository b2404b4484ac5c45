// SPDX-License-Identifier: Apache-2.0
// How much the same work differs from itself on this machine: pairs of arms that do the same, as a
// gate's two builds would if nothing had changed.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/doctor/work.h"

namespace normbench {

// What one figure of one work did from window to window: the p50 of its pieces, which a thread that
// had to wait now and then does not change, or their mean, which it does (1 / mean is the
// throughput).
struct NoiseRow {
  std::string work;
  std::string figure;  // p50 | mean
  int pairs = 0;
  double seconds = 0;                       // the median over all windows, 0 without pairs
  std::optional<double> sd = std::nullopt;  // DeviationOfLogRatios of the pairs
};

struct NoiseOptions {
  double seconds = 20;  // all together; no pair is begun that would not end within them
  std::function<bool()> stop = [] { return false; };  // true: the pairs so far are the result
  std::function<double()> now = nullptr;              // seconds; null: the steady clock
};

// An arm visits each work for a window of 20 to 500 ms, so that there are 20 pairs where the time
// is enough for that; then the other arm does. Two rows for each work, in the order of `works`.
// Returns what a work returned that failed.
absl::StatusOr<std::vector<NoiseRow>> MeasureNoise(std::span<const Work> works,
                                                   const NoiseOptions& options);

// How far ln(b[i] / a[i]) is from the 0 that it should be, as a gate sees it, which a few disturbed
// rounds do not impress: 1.4826 times the median distance, or the root of the mean square where
// that is 0. Drift within the pairs counts. Nothing without a pair. REQUIRES: equally many, all
// above 0.
std::optional<double> DeviationOfLogRatios(std::span<const double> a, std::span<const double> b);

}  // namespace normbench
