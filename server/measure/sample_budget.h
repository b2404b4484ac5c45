// SPDX-License-Identifier: Apache-2.0
// When a measurement has samples enough: after so much timed work, but not before there are samples
// enough for an interval, and never later than the wall clock allows. What goes on between the
// timed calls (checksums, copies, a GPU's transfers) may take longer than the calls themselves.
#pragma once

#include "server/measure/measure.h"

namespace normbench {

// For `min_samples` the timed work may go on to so many times `seconds`.
inline constexpr double kMostTimedWork = 3;

// Not thread-safe.
class SampleBudget {
 public:
  // `spec` outlives the budget.
  explicit SampleBudget(const MeasureSpec& spec) : spec_(spec) {}

  // A sample was taken; its calls took `timed_seconds` together.
  void Add(double timed_seconds);

  // The part that is used up when sampling has taken `wall_seconds`; from 1 on it is enough. 0
  // before the first sample.
  double Used(double wall_seconds) const;

  int samples() const { return samples_; }

 private:
  const MeasureSpec& spec_;
  int samples_ = 0;
  double timed_ = 0;
};

}  // namespace normbench
