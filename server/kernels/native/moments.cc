// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/moments.h"

#include <algorithm>
#include <cmath>

#include "server/kernels/native/element.h"
#include "server/kernels/native/tree_sum.h"

namespace normbench {
namespace {

template <typename T>
double SumOver(const Pieces& pieces, double shift, bool squared) {
  const T* x = static_cast<const T*>(pieces.x);
  double sum = 0;
  for (int64_t p = 0; p < pieces.count; ++p, x += pieces.stride) {
    for (int64_t i = 0; i < pieces.length; ++i) {
      const double d = ToFloat(x[i]) - shift;
      sum += squared ? d * d : d;
    }
  }
  return sum;
}

template <typename T>
Moments MomentsOfPieces(const Pieces& pieces, bool centred) {
  const double n = static_cast<double>(pieces.count * pieces.length);
  const double mean = centred ? SumOver<T>(pieces, 0, false) / n : 0;
  return {mean, SumOver<T>(pieces, mean, true) / n};
}

}  // namespace

Moments MomentsOf(ShiftedSums sums, double shift, int64_t n) {
  const double length = static_cast<double>(n);
  const double offset = sums.s / length;
  return {shift + offset, std::max(0.0, sums.q / length - offset * offset)};
}

bool IsInRange(ShiftedSums sums, const Moments& moments, double eps) {
  return std::isfinite(sums.s) && std::isfinite(sums.q) &&
         moments.variance + eps >= static_cast<double>(kSmallestVariance);
}

bool StandardsOf(const double* s, const double* q, int64_t count, int64_t n, double eps,
                 const StandardArrays& out) {
  int64_t in_range = 0;
  for (int64_t i = 0; i < count; ++i) {
    const ShiftedSums sums = {s[i], q[i]};
    in_range += IsInRange(sums, MomentsOf(sums, 0, n), eps) ? 1 : 0;
  }
  if (in_range < count) return false;
  for (int64_t i = 0; i < count; ++i) {
    const Moments moments = MomentsOf({s[i], q[i]}, static_cast<double>(out.high[i]), n);
    const Standard standard = StandardOf(moments, eps);
    out.high[i] = standard.high;
    out.low[i] = standard.low;
    out.rstd[i] = standard.rstd;
  }
  return true;
}

ShiftedSums SumLanes(const double* sums) {
  return {TreeSum(sums, kPackLanes), TreeSum(sums + kPackLanes, kPackLanes)};
}

Moments PreciseMoments(DType dtype, const Pieces& pieces, bool centred) {
  switch (dtype) {
    case DType::kF32:
      return MomentsOfPieces<float>(pieces, centred);
    case DType::kF16:
      return MomentsOfPieces<F16>(pieces, centred);
    case DType::kBf16:
      return MomentsOfPieces<Bf16>(pieces, centred);
  }
  return {};
}

Standard StandardOf(const Moments& moments, double eps) {
  const float high = static_cast<float>(moments.mean);
  return {high, static_cast<float>(moments.mean - high),
          static_cast<float>(1 / std::sqrt(moments.variance + eps))};
}

}  // namespace normbench
