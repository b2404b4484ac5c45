// SPDX-License-Identifier: Apache-2.0
// One row of the benchmark: a normalization, what is fused to it, and its data.
#pragma once

#include <cstdint>
#include <string>

#include "bench/norm/generator.h"
#include "server/kernels/native/native_norm.h"

namespace normbench {

struct BenchCase {
  NativeProblem problem;
  bool keeps_sum = false;  // x + residual is a second result; with add_before only
  Distribution data = Distribution::kNormal;
  uint64_t seed = 1;
  std::string key;  // of the norm alone, as a sweep's kernel case would have it
};

// For people: "group+silu 1x256x56x56 g=32 f32 nchw". Layer and RMS norm over trailing dimensions
// have the shape of their rows.
std::string Label(const BenchCase& bench_case);

// "", "silu", "add_before+keep_sum", "add_after+relu".
std::string FusionText(const BenchCase& bench_case);

// Whether a residual is added.
bool Adds(const Fusion& fusion);

// Bytes of x; residual, y and sum have as many.
int64_t TensorBytes(const BenchCase& bench_case);

// What the definition must move: x and, where there is one, the residual read once, y and the kept
// sum written once.
int64_t AlgorithmicBytes(const BenchCase& bench_case);

}  // namespace normbench
