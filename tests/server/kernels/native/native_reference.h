// SPDX-License-Identifier: Apache-2.0
// What a native case should give, in float64 through all that is fused, and how far off each
// element may be: the bound of bench/norm/README.md, carried through the fused steps.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/norm/reference.h"
#include "tests/server/kernels/native/native_run.h"

namespace normbench {

struct Expected {
  ReferenceResult norm;       // before the fused steps behind it
  std::vector<double> y;      // logical order
  std::vector<double> slack;  // what the float32 result may be off by, before it is rounded
  std::vector<float> sum;     // round(x + residual), where it is added before
};

// `centred`: as if x had no mean, which is what summing differences from a value amid them
// promises: the mean is taken off before the bound is worked out.
enum class Conditioned { kAsGiven, kCentred };
Expected ExpectedOf(const NativeCase& c, Conditioned conditioned = Conditioned::kAsGiven);

struct Judgement {
  int64_t wrong = 0;  // elements that no float32 result within the slack can have been rounded to
  int64_t first_wrong = -1;
  double worst = 0;       // of |y - reference| / (slack, and a rounding to the dtype)
  double misrounded = 0;  // share of elements that are not the value nearest to the reference
};
Judgement Judge(const NativeCase& c, const Expected& expected, const NativeAnswer& answer);

// Expects that y is right, as are the statistics and the kept sum.
void ExpectAnswer(const NativeCase& c, const Expected& expected, const NativeAnswer& answer);

// Runs it on every instruction set of this CPU, by one thread and by several, and expects right
// answers, the same bits from any number of threads, and from AVX2 and AVX-512.
void ExpectRight(const NativeCase& c, Conditioned conditioned = Conditioned::kAsGiven);

}  // namespace normbench
