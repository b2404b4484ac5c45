// SPDX-License-Identifier: Apache-2.0
// Ends a measurement once its median is known well enough: when half of its 95 % interval is at
// most `target` of it. Looks only at checkpoints that are fixed in advance, 512 samples and each
// time twice as many: who looks after every sample stops at a lucky one. Even so the result leans
// towards agreement, so a gate must not use it.
#pragma once

#include "bench/load/histogram.h"

namespace normbench {

// Takes the samples as independent. Neither sends nor reads a clock.
class PrecisionRule {
 public:
  // REQUIRES: target > 0.
  explicit PrecisionRule(double target) : target_(target) {}

  // True when the measurement may end. Costs something at checkpoints only.
  bool Done(const Histogram& latencies);

 private:
  static constexpr double kFirstCheckpoint = 512;

  const double target_;
  double next_ = kFirstCheckpoint;
  bool done_ = false;
};

}  // namespace normbench
