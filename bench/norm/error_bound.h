// SPDX-License-Identifier: Apache-2.0
// How far a correct implementation that computes in float32 may be from the reference: what
// err_scaled (accuracy.h) can be for blocked, pairwise or Welford statistics followed by y = x *
// scale + bias. It depends on the method, the group length and how ill-conditioned the data is;
// derivation: bench/norm/README.md.
#pragma once

#include "bench/norm/reference.h"

namespace normbench {

// How much the data at hand magnifies rounding errors. All are maxima over the tensor, 0 where
// there is nothing finite; d = max(|r|, rms of r over its group) is the denominator of err_scaled.
struct Conditioning {
  double mean = 0;  // |mean| * rstd: 100 costs a float32 about two of its seven digits; RMS norm: 0
  double result = 0;  // (|gamma * (x - mean) * rstd| + |beta|) / d: cancellation in the last sum
  double offset = 0;  // |gamma| * m * rstd / d, with m = |mean| or what it is by chance (README)
  double normalized = 0;  // |gamma * (x - mean) * rstd| / d
  double inverse = 0;     // 1 / d: whether the dtype still has all its digits at that size
};

// Thread-safe. REQUIRES: reference == ReferenceNorm(spec, shape, in).
Conditioning ConditioningOf(const NormSpec& spec, const Shape& shape, const NormBuffers& in,
                            const ReferenceResult& reference);

// Upper bound of err_scaled in a correct implementation, whose result has the given dtype. Infinite
// where a group's reference is all zero although terms were added up to get there: no relative
// promise can be made then.
double ErrorBound(const NormSpec& spec, const Shape& shape, DType dtype,
                  const Conditioning& conditioning);

}  // namespace normbench
