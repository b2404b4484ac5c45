// SPDX-License-Identifier: Apache-2.0
// Data that is hard to normalize, on every instruction set, in every form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/server/kernels/kernel_run.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

// Short rows, rows, columns that fold and that do not, planes in several chunks.
constexpr std::string_view kShapes[] = {"40x5",   "3x6x7x7", "2x8x20x30",
                                        "3x3000", "2x48x50", "90x4x9"};

std::vector<NativeProblem> Problems(std::string_view text, double eps = 1e-5) {
  const Shape shape = Shape::Parse(text).value();
  std::vector<NativeProblem> problems;
  for (const TensorFormat& format : FormatsFor(shape)) {
    for (NormSpec spec : SpecsFor(shape)) {
      if (spec.method == Method::kGroup && spec.groups != 2) continue;
      spec.eps = eps;
      problems.push_back({spec, shape, format, {}});
    }
  }
  return problems;
}

std::vector<NativeProblem> AllProblems(double eps = 1e-5) {
  std::vector<NativeProblem> all;
  for (std::string_view shape : kShapes) {
    for (const NativeProblem& problem : Problems(shape, eps)) all.push_back(problem);
  }
  return all;
}

void Scale(NativeCase& c, double magnitude) {
  for (float& x : c.x) x = static_cast<float>(x * magnitude);
  RoundTo(c.problem.format.dtype, c.x);
}

// The mean costs nothing: the bound is that of the same data without it.
TEST(NativeConditioning, AMeanFarAboveTheSpread) {
  for (const NativeProblem& problem : AllProblems()) {
    if (!ComputesStatistics(problem.spec)) continue;
    for (float mean : {0.0f, 1.0f, 1e2f, 1e3f, 1e4f, 1e5f}) {
      if (mean > 1e4f && problem.format.dtype == DType::kF16) continue;
      NativeCase c = MakeCase(problem);
      for (float& x : c.x) x += mean;
      RoundTo(problem.format.dtype, c.x);
      ExpectRight(c, Conditioned::kCentred);
    }
  }
}

TEST(NativeConditioning, AGivenMeanFarAboveTheSpread) {
  for (const NativeProblem& problem : AllProblems()) {
    if (!TakesStatistics(problem.spec)) continue;
    for (float mean : {1e2f, 1e4f}) {
      NativeCase c = MakeCase(problem);
      for (float& x : c.x) x += mean;
      for (float& m : c.mean) m += mean;
      RoundTo(problem.format.dtype, c.x);
      ExpectRight(c);
    }
  }
}

TEST(NativeConditioning, AnyMagnitude) {
  for (double eps : {1.2e-38, 1e-5}) {
    for (const NativeProblem& problem : AllProblems(eps)) {
      if (problem.format.dtype == DType::kF16 || !ComputesStatistics(problem.spec)) continue;
      for (double magnitude : {1e-30, 1e-18, 1e-14, 1e6, 1e17, 1e19, 1e30}) {
        NativeCase c = MakeCase(problem);
        Scale(c, magnitude);
        ExpectRight(c);
      }
    }
  }
}

TEST(NativeConditioning, ValuesThatAreNotNormalNumbers) {
  for (double eps : {1.2e-38, 1e-5}) {
    for (const NativeProblem& problem : AllProblems(eps)) {
      if (!ComputesStatistics(problem.spec)) continue;
      NativeCase c = MakeCase(problem);
      Scale(c, problem.format.dtype == DType::kF16 ? 2e-6 : 1e-40);
      ExpectRight(c);
    }
  }
}

TEST(NativeConditioning, AnOutlierFirst) {
  for (const NativeProblem& problem : AllProblems()) {
    if (ComputesStatistics(problem.spec)) ExpectRight(MakeCase(problem, Distribution::kOutlier));
  }
  const NormSpec batch = {.method = Method::kBatch, .stats = StatsSource::kBatch};
  for (std::string_view shape : {"2000x3x2", "500x3x5x5", "4000x3"})
    ExpectRight(MakeCase(ProblemOf(batch, shape), Distribution::kOutlier));
}

// What a group begins with says little of the rest: the value to subtract is told from it.
TEST(NativeConditioning, ABeginningUnlikeTheRest) {
  for (std::string_view shape :
       {"2x1000", "2x20000", "2x2x100x100", "2x50x400", "300x2x40", "3000x8"}) {
    for (const NativeProblem& problem : Problems(shape)) {
      if (!ComputesStatistics(problem.spec)) continue;
      NativeCase c = MakeCase(problem);
      const int64_t per_sample = c.problem.shape.elements() / c.problem.shape.n();
      for (int64_t i = 0; i < std::ssize(c.x); ++i) {
        if (i % per_sample < 48 || i < 3 * per_sample) c.x[i] += 1000;
      }
      RoundTo(problem.format.dtype, c.x);
      ExpectRight(c);
    }
  }
}

// ------------------------------------------------------------------ exactly

// y[i] is beta, rounded.
void ExpectBeta(const NativeCase& c) {
  const NativeProblem& p = c.problem;
  for (Isa isa : SupportedIsas()) {
    const std::vector<float> y = ValuesOf(p, RunNative(c, {.norm = {.isa = isa}}).y);
    for (int64_t i = 0; i < std::ssize(y); ++i) {
      const double beta = c.beta.empty() ? 0 : c.beta[PlaceOf(p.spec, p.shape, i).affine];
      ASSERT_EQ(y[i], RoundTo(p.format.dtype, beta))
          << Describe(p) << " " << Name(isa) << ": " << c.x[i] << " at " << i;
    }
  }
}

TEST(NativeConditioning, ConstantGroupsGiveBeta) {
  for (const NativeProblem& problem : AllProblems()) {
    if (!ComputesStatistics(problem.spec) || !HasMean(problem.spec)) continue;
    for (double value : {0.0, 0.7, -31234.567, 1e-30, 1e-40, 3e4, 1.1e15, -1e30}) {
      NativeCase c = MakeCase(problem);
      if (problem.format.dtype == DType::kF16 && std::abs(value) > 6e4) continue;
      std::ranges::fill(c.x, static_cast<float>(value));
      RoundTo(problem.format.dtype, c.x);
      ExpectBeta(c);
    }
  }
}

TEST(NativeConditioning, ConstantRowsOfAnyLengthGiveBeta) {
  for (int length = 1; length < 150; ++length) {
    NativeCase c = MakeCase(ProblemOf({.method = Method::kLayer}, "40x" + std::to_string(length)));
    for (size_t i = 0; i < c.x.size(); ++i) {
      const auto row = static_cast<float>(i / length);
      c.x[i] = std::pow(-1.7f, row) * 1e-4f;
    }
    ExpectBeta(c);
  }
}

TEST(NativeConditioning, GroupsOfOneElementGiveBeta) {
  for (std::string_view shape : {"5x7", "5x7x1", "5x1x1x1", "1x40", "40x1"}) {
    for (const NativeProblem& problem : Problems(shape)) {
      const NormSpec& spec = problem.spec;
      if (!ComputesStatistics(spec) || Geometry(spec, problem.shape).length > 1) continue;
      for (double magnitude : {1e-30, 1e-3, 1.0, 1e4, 1e30}) {
        if (problem.format.dtype == DType::kF16 && std::abs(std::log10(magnitude)) > 3) continue;
        NativeCase c = MakeCase(problem);
        Scale(c, magnitude);
        if (HasMean(spec)) {
          ExpectBeta(c);
        } else {
          ExpectRight(c);
        }
      }
    }
  }
}

// ------------------------------------------------------------------ NaN and infinity

TEST(NativeConditioning, WhatIsNotFiniteStaysInItsGroup) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const NativeProblem& problem : AllProblems()) {
    const int64_t elements = problem.shape.elements();
    const NativeCase clean = MakeCase(problem);
    for (const auto& [hit, poison] : std::vector<std::pair<int64_t, float>>{
             {0, kInf}, {elements / 2 + 1, -kInf}, {elements - 1, std::nanf("")}}) {
      NativeCase c = clean;
      c.x[hit] = poison;
      const Expected expected = ExpectedOf(c);
      const int64_t group = PlaceOf(problem.spec, problem.shape, hit).group;
      for (Isa isa : SupportedIsas()) {
        const NativeAnswer answer = RunNative(c, {.norm = {.isa = isa}});
        ASSERT_EQ(Judge(c, expected, answer).wrong, 0) << Describe(problem) << " " << poison;
        const std::vector<float> y = ValuesOf(problem, answer.y),
                                 before =
                                     ValuesOf(problem, RunNative(clean, {.norm = {.isa = isa}}).y);
        for (int64_t i = 0; i < elements; ++i) {
          if (PlaceOf(problem.spec, problem.shape, i).group == group) continue;
          ASSERT_EQ(y[i], before[i]) << Describe(problem) << " " << poison << " at " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace normbench
