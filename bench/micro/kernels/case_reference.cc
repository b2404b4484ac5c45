// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/case_reference.h"

#include <algorithm>
#include <cmath>

#include "bench/norm/error_bound.h"
#include "bench/norm/group_rms.h"

namespace normbench {
namespace {

constexpr double kSiluCurvature = 0.5;  // its second derivative is at most that
constexpr double kSiluRoundings = 8;

std::vector<float> RoundedSum(DType dtype, const float* a, const float* b, int64_t count) {
  std::vector<float> sum(count);
  for (int64_t i = 0; i < count; ++i) {
    sum[i] = static_cast<float>(RoundTo(dtype, static_cast<double>(a[i]) + b[i]));
  }
  return sum;
}

double Activated(Activation activation, double z) {
  if (activation == Activation::kRelu) return std::max(z, 0.0);
  if (activation == Activation::kSilu) return z / (1 + std::exp(-z));
  return z;
}

// What SiLU's own rounding adds to the error, in units of u * |result|.
double RoundingsOf(Activation activation, DType dtype) {
  if (activation != Activation::kSilu) return 0;
  const double f32 = kSiluRoundings * UnitRoundoff(DType::kF32) / UnitRoundoff(dtype);
  return dtype == DType::kF32 ? f32 : f32 + 1;
}

// How much the activation multiplies an error of at most `delta` in z.
double Slope(Activation activation, double z, double delta) {
  if (activation == Activation::kNone) return 1;
  if (activation == Activation::kRelu) return z > -delta ? 1 : 0;
  const double sigmoid = 1 / (1 + std::exp(-z));
  return std::abs(sigmoid * (1 + z * (1 - sigmoid))) + kSiluCurvature * delta;
}

// Puts what is behind the norm into `y`; returns z, what the activation is of.
std::vector<double> ApplyEpilogue(const Fusion& fusion, const float* residual,
                                  std::vector<double>& y) {
  std::vector<double> z = y;
  for (size_t i = 0; i < y.size(); ++i) {
    if (fusion.add_after) z[i] += residual[i];
    y[i] = Activated(fusion.activation, z[i]);
  }
  return z;
}

// `bound` and `norm` are those of the plain norm; `result` has the epilogue, which had `z`.
double BoundBehind(const NativeProblem& problem, double bound, const ReferenceResult& norm,
                   const std::vector<double>& z, const ReferenceResult& result) {
  const std::vector<double> norm_rms = GroupRms(problem.spec, problem.shape, norm);
  const std::vector<double> rms = GroupRms(problem.spec, problem.shape, result);
  const Activation activation = problem.fusion.activation;
  const double u = UnitRoundoff(problem.format.dtype);
  const double own = RoundingsOf(activation, problem.format.dtype);
  double worst = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    const int64_t group = PlaceOf(problem.spec, problem.shape, static_cast<int64_t>(i)).group;
    double error = bound * std::max(std::abs(norm.y[i]), norm_rms[group]);
    if (problem.fusion.add_after) error += std::abs(z[i]);
    error = Slope(activation, z[i], u * error) * error + own * std::abs(result.y[i]);
    if (error > 0) worst = std::max(worst, error / std::max(std::abs(result.y[i]), rms[group]));
  }
  return worst;
}

}  // namespace

CaseReference MakeReference(const BenchCase& bench_case, const CaseMemory& memory) {
  const NativeProblem& problem = bench_case.problem;
  const DType dtype = problem.format.dtype;
  NormBuffers in = memory.logical();
  CaseReference reference;
  if (problem.fusion.add_before) {
    reference.sum = RoundedSum(dtype, static_cast<const float*>(in.x), memory.logical_residual(),
                               problem.shape.elements());
    in.x = reference.sum.data();
  }
  reference.result = ReferenceNorm(problem.spec, problem.shape, in);
  reference.bound = ErrorBound(problem.spec, problem.shape, dtype,
                               ConditioningOf(problem.spec, problem.shape, in, reference.result));
  if (problem.fusion.add_after || problem.fusion.activation != Activation::kNone) {
    const ReferenceResult norm = reference.result;
    const std::vector<double> z =
        ApplyEpilogue(problem.fusion, memory.logical_residual(), reference.result.y);
    reference.bound = BoundBehind(problem, reference.bound, norm, z, reference.result);
  }
  if (!bench_case.keeps_sum) reference.sum.clear();
  return reference;
}

}  // namespace normbench
