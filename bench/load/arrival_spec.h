// SPDX-License-Identifier: Apache-2.0
// An arrival process as one word of a sweep and of a case key:
//   constant:250       evenly spaced, 250 requests a second
//   poisson:62.5       the same rate on average, independent of each other
//   poisson:80%        a share of the highest rate that a closed loop reached
//   spike:100x10@2+0.5 poisson, 100 a second, from second 2 on for 0.5 s ten times as many
//   step:100,200,400   poisson, equal parts of the time at these rates
//   trace:FILE         the times in FILE, seconds, one a line
// Spike and step take shares, too: 50%x4@2+0.5, 25%,50%,100%. Their times count from the end of the
// warm-up, which has the first rate.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/arrivals.h"

namespace normbench {

struct ArrivalSpec {
  enum class Kind { kConstant, kPoisson, kSpike, kStep, kTrace };

  Kind kind = Kind::kPoisson;
  std::vector<double> rates;  // one; several of a step
  bool relative = false;      // rates are shares of the maximum, 0.8 for 80 %
  double factor = 1;          // of the spike, with its start and length in seconds
  double start_seconds = 0;
  double length_seconds = 0;
  std::string file;  // of a trace

  bool operator==(const ArrivalSpec&) const = default;
};

// Returns INVALID_ARGUMENT naming the word, what is wrong with it and what is allowed.
absl::StatusOr<ArrivalSpec> ParseArrivalSpec(std::string_view text);

// The inverse, in its shortest form.
std::string ToString(const ArrivalSpec& spec);

struct ScheduleOptions {
  double warmup_seconds = 0;  // at the first rate, before `seconds`
  double seconds = 2;
  double maximum = 0;  // what relative rates are shares of, in requests a second
  uint64_t seed = 1;
};

// REQUIRES: not a trace.
std::unique_ptr<Arrivals> ArrivalsOf(const ArrivalSpec& spec, const ScheduleOptions& options);

// The times of a trace from its text: a number in seconds a line, # starts a comment. Returns
// INVALID_ARGUMENT naming the line where time runs backwards, is negative or is no number; at most
// 10 million times.
absl::StatusOr<std::vector<double>> ParseTrace(std::string_view text);

}  // namespace normbench
