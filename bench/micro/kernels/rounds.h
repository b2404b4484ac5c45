// SPDX-License-Identifier: Apache-2.0
// The clock work: several contenders in turn, again and again, so that what the machine does
// meanwhile happens to all of them. Knows nothing of normalization, nor of clocks.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

// Makes `count` calls; `first` counts the calls before.
using CallMany = std::function<absl::Status(int64_t first, int64_t count)>;

double SteadySeconds();

struct RoundsOptions {
  int rounds = 15;
  double seconds = 0.2;           // of timed calls in each round, for each contender
  double sample_seconds = 50e-6;  // shorter samples would measure the clock
  std::function<double()> clock = SteadySeconds;
};

struct ContenderTimes {
  int64_t calls_per_sample = 1;
  std::vector<double> samples;    // seconds a call, mean over a sample; of all rounds
  std::vector<double> per_round;  // the median of each round's samples
};

// Every second round is in reverse order. In each turn an untimed sample comes first: it finds what
// the contender before has left in the caches. A turn has at least one sample. Returns the first
// error of a call. REQUIRES: rounds >= 1.
absl::StatusOr<std::vector<ContenderTimes>> RunRounds(const std::vector<CallMany>& contenders,
                                                      const RoundsOptions& options);

}  // namespace normbench
