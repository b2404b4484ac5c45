// SPDX-License-Identifier: Apache-2.0
// What a case has to give: in float64, what is fused to the norm included, and how far off an
// answer may be.
#pragma once

#include <vector>

#include "bench/micro/kernels/bench_case.h"
#include "bench/micro/kernels/case_memory.h"
#include "bench/norm/reference.h"

namespace normbench {

struct CaseReference {
  ReferenceResult result;
  double bound = 0;        // of err_scaled, for one that rounds between all steps, as ATen does
  std::vector<float> sum;  // x + residual rounded to the dtype, in logical order; where kept
};

// The bound of a plain norm is ErrorBound. Behind it, with d the denominator of err_scaled (of y)
// and d_n that of the norm's own result n, in units of the unit roundoff u: an error of bound * d_n
// comes in; adding the residual rounds once more, |n + residual|; the activation multiplies both by
// its slope there (ReLU 0 or 1; SiLU's own and half the error, as its second derivative is at most
// 1/2); and SiLU = z / (1 + exp(-z)) itself is right to 8 float32 roundings of its result, and one
// to the dtype where that is shorter.
CaseReference MakeReference(const BenchCase& bench_case, const CaseMemory& memory);

}  // namespace normbench
