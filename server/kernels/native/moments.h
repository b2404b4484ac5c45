// SPDX-License-Identifier: Apache-2.0
// From sums to a mean and a variance, in float64; and the same from the values themselves where
// float32 sums of squares have overflowed or lost digits to underflow.
#pragma once

#include <cstdint>

#include "bench/norm/words.h"
#include "server/kernels/native/loops.h"

namespace normbench {

struct Moments {
  double mean = 0;
  double variance = 0;  // biased; of RMS norm the mean square
};

// Sums of x - shift and of its square over n values.
struct ShiftedSums {
  double s = 0, q = 0;
};

// REQUIRES: n >= 1.
Moments MomentsOf(ShiftedSums sums, double shift, int64_t n);

// Whether float32 squares could carry the sums that these moments come from.
bool IsInRange(ShiftedSums sums, const Moments& moments, double eps);

// Of `count` groups at once, in loops that the compiler makes vectors of. high: the shifts before,
// the means behind it. False, and nothing is written, where a group is out of range.
struct StandardArrays {
  float* high = nullptr;
  float* low = nullptr;
  float* rstd = nullptr;
};
bool StandardsOf(const double* s, const double* q, int64_t count, int64_t n, double eps,
                 const StandardArrays& out);

// The sixteen lanes each of sum_row's sums, added up in a fixed order.
ShiftedSums SumLanes(const double* sums);

// A statistics group in memory: pieces of equal length at equal distances, in elements.
struct Pieces {
  const void* x = nullptr;
  int64_t count = 1, length = 0, stride = 0;
};

// In two reads, element by element, in float64.
Moments PreciseMoments(DType dtype, const Pieces& pieces, bool centred);

// Of RMS norm the mean stays zero.
Standard StandardOf(const Moments& moments, double eps);

}  // namespace normbench
