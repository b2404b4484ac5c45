// SPDX-License-Identifier: Apache-2.0
// float16 and bfloat16: computed in float32, rounded once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/server/kernels/kernel_run.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

// Short rows, rows, columns that fold and that do not, planes in several chunks.
std::vector<NativeProblem> AllProblems() {
  std::vector<NativeProblem> problems;
  for (std::string_view text :
       {"40x5", "3x6x7x7", "2x8x20x30", "3x3000", "2x48x50", "90x4x9", "2x32x100"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        if (format.dtype == DType::kF32 || !ComputesStatistics(spec)) continue;
        if (spec.method == Method::kGroup && spec.groups != 2) continue;
        problems.push_back({spec, shape, format, {}});
      }
    }
  }
  return problems;
}

TEST(NativeHalf, HalfTypesDoNotOverflowInside) {
  for (const NativeProblem& problem : AllProblems()) {
    for (double magnitude : {300.0, 10000.0}) {  // squares beyond float16's 65504
      NativeCase c = MakeCase(problem);
      for (float& x : c.x) x = static_cast<float>(x * magnitude);
      RoundTo(problem.format.dtype, c.x);
      ExpectRight(c);
    }
  }
}

// The distance between values of the dtype around `value`.
double UnitAt(DType dtype, double value) {
  const double size = std::max(std::abs(value), SmallestNormal(dtype));
  return 2 * UnitRoundoff(dtype) * std::exp2(std::floor(std::log2(size)));
}

// Elements that are not the value nearest to the reference, and those off by more than a unit
// although that is more than float32 costs.
struct Misses {
  int64_t elements = 0, misrounded = 0, far = 0;
};

void Count(const NativeCase& c, Isa isa, Misses& misses) {
  const DType dtype = c.problem.format.dtype;
  const Expected expected = ExpectedOf(c);
  const std::vector<float> y = ValuesOf(c.problem, RunNative(c, {.norm = {.isa = isa}}).y);
  for (size_t i = 0; i < y.size(); ++i) {
    const double nearest = RoundTo(dtype, expected.y[i]), unit = UnitAt(dtype, nearest);
    ++misses.elements;
    misses.misrounded += y[i] != nearest;
    misses.far += std::abs(y[i] - nearest) > std::max(1.001 * unit, expected.slack[i]);
  }
}

TEST(NativeHalf, HalfTypesAreRoundedOnce) {
  for (Isa isa : SupportedIsas()) {
    for (DType dtype : {DType::kF16, DType::kBf16}) {
      for (float mean : {0.0f, 100.0f}) {
        Misses misses;
        for (const NativeProblem& problem : AllProblems()) {
          if (problem.format.dtype != dtype) continue;
          NativeCase c = MakeCase(problem);
          for (float& x : c.x) x += mean;
          RoundTo(dtype, c.x);
          Count(c, isa, misses);
        }
        const double share =
            static_cast<double>(misses.misrounded) / static_cast<double>(misses.elements);
        const std::string name = std::string(Name(isa)) + "_" + std::string(Name(dtype)) + "_mean" +
                                 std::to_string(static_cast<int>(mean));
        RecordProperty("misrounded_" + name, std::to_string(share));
        EXPECT_LT(share, dtype == DType::kF16 ? 1e-3 : 1e-4) << name;
        EXPECT_GT(share, 0) << name << ": nothing was measured";
        EXPECT_EQ(misses.far, 0) << name;
      }
    }
  }
}

}  // namespace
}  // namespace normbench
