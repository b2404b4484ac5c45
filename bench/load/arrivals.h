// SPDX-License-Identifier: Apache-2.0
// When an open loop sends. Times are seconds since its start and never decrease; they depend on
// nothing that happens during the run, so that two runs of one seed send the same schedule.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace normbench {

// A sequence that is made as it is asked for: an hour at 25,000 a second is not kept.
class Arrivals {
 public:
  virtual ~Arrivals() = default;
  // The next time; nothing after the last one.
  virtual std::optional<double> Next() = 0;
};

// A stretch of constant rate.
struct RateSegment {
  double seconds = 0;  // >= 0
  double rate = 0;     // requests a second, fractions allowed; 0: none
};

enum class Spacing {
  kConstant,  // evenly spaced, the first one at 0
  kPoisson    // independent: gaps are exponentially distributed
};

// The schedule of a rate that is constant in pieces. Made by inverting the cumulative rate, so a
// gap that spans pieces has the right length (Cinlar 1975, Introduction to Stochastic
// Processes, 4.7). `seed` matters for kPoisson only.
std::unique_ptr<Arrivals> MakeArrivals(std::vector<RateSegment> segments, Spacing spacing,
                                       uint64_t seed);

// The given times. REQUIRES: ascending (equal ones allowed), none negative.
std::unique_ptr<Arrivals> MakeTraceArrivals(std::vector<double> times);

}  // namespace normbench
