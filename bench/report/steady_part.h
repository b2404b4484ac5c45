// SPDX-License-Identifier: Apache-2.0
// The part of a loop's samples after its warm-up, by MSER-5 on throughput: completions in up to
// 1000 equal slices of time, on average at least one in each.
#pragma once

#include <cstddef>

#include "bench/load/sample_list.h"
#include "bench/stats/steady_state.h"

namespace normbench {

struct SteadyPart {
  size_t first = 0;    // samples before this one are warm-up
  double seconds = 0;  // from the end of the warm-up to the last completion
  Steadiness steadiness = Steadiness::kNotTested;  // nothing is discarded unless kSteady
};

// `samples` in order of completion, here and below.
SteadyPart FindSteadyPart(const SampleList& samples);

// All of them, not tested: for a target that was lost, whose last seconds are failures.
SteadyPart WholePart(const SampleList& samples);

}  // namespace normbench
