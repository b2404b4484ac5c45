// SPDX-License-Identifier: Apache-2.0
#include "server/measure/sample_budget.h"

#include <algorithm>

namespace normbench {

void SampleBudget::Add(double timed_seconds) {
  ++samples_;
  timed_ += timed_seconds;
}

double SampleBudget::Used(double wall_seconds) const {
  if (samples_ == 0) return 0;
  const double samples = samples_;
  const double timed = timed_ / std::max(spec_.seconds, 1e-9);
  const double enough = std::max(samples / spec_.min_samples, timed / kMostTimedWork);
  return std::max({samples / spec_.max_samples, wall_seconds / MaxSamplingSeconds(spec_.seconds),
                   std::min(timed, enough)});
}

}  // namespace normbench
