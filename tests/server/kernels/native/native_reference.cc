// SPDX-License-Identifier: Apache-2.0
#include "tests/server/kernels/native/native_reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/norm/error_bound.h"
#include "bench/norm/group_rms.h"

namespace normbench {
namespace {

constexpr double kUnit = 0x1p-24;
// Between float32 values that are not normal numbers; README's bound knows none.
constexpr double kSmallest = 0x1p-149;
// Five deviations of a mean, relative to the size of its terms (README.md).
constexpr double kMeanError = 10.6;

std::vector<float> SumOf(const NativeCase& c) {
  std::vector<float> sum(c.x.size());
  for (size_t i = 0; i < sum.size(); ++i) {
    const double exact = static_cast<double>(c.x[i]) + static_cast<double>(c.residual[i]);
    sum[i] = static_cast<float>(RoundTo(c.problem.format.dtype, exact));
  }
  return sum;
}

// In units of kUnit, of err_scaled's denominator.
double BoundOf(const NativeCase& c, NormBuffers in, const ReferenceResult& reference,
               Conditioned conditioned) {
  const NormSpec& spec = c.problem.spec;
  const Shape& shape = c.problem.shape;
  if (conditioned == Conditioned::kAsGiven)
    return ErrorBound(spec, shape, DType::kF32, ConditioningOf(spec, shape, in, reference));
  const auto* values = static_cast<const float*>(in.x);
  std::vector<float> x(values, values + shape.elements());
  for (size_t i = 0; i < x.size(); ++i) {
    const double mean = reference.mean[PlaceOf(spec, shape, static_cast<int64_t>(i)).group];
    x[i] = static_cast<float>(x[i] - mean);
  }
  in.x = x.data();
  const ReferenceResult centred = ReferenceNorm(spec, shape, in);
  return ErrorBound(spec, shape, DType::kF32, ConditioningOf(spec, shape, in, centred));
}

// One element on its way through what is fused behind the norm.
struct Element {
  double value, slack;
};

// z / (1 + exp(-z)): its slope is at most 1.1; exp is 2^(z * log2(e)), whose argument is off by two
// roundings, with 1.1 units of its own; then a sum and a quotient. Beyond 2^126 exp stays there.
Element Silu(Element z) {
  const double e = std::exp(-z.value);
  const double y = z.value / (1 + e);
  const double exponential = 2.2 + 2 * std::abs(z.value);
  const double share = std::isinf(e) ? 1 : e / (1 + e);
  return {y, 1.1 * z.slack + std::abs(y) * kUnit * 1.001 * (2 + share * exponential) +
                 std::abs(z.value) * 0x1p-125};
}

Element Fused(const Fusion& fusion, Element z, double residual) {
  if (fusion.add_after) {
    z.value += residual;
    z.slack += kUnit * (std::abs(z.value) + z.slack);
  }
  if (fusion.activation == Activation::kRelu && z.value < 0) z.value = 0;
  if (fusion.activation == Activation::kSilu) return Silu(z);
  return z;
}

bool IsRight(DType dtype, double value, double slack, float y) {
  const double nearest = RoundTo(dtype, value);
  if (std::isnan(nearest) || std::isnan(y)) return std::isnan(nearest) && std::isnan(y);
  if (std::isinf(slack) || y == nearest || std::abs(y - value) <= slack) return true;
  return RoundTo(dtype, value - slack) <= y && y <= RoundTo(dtype, value + slack);
}

void ExpectStatistics(const NativeCase& c, const Expected& expected, const NativeAnswer& answer) {
  const ReferenceResult& norm = expected.norm;
  for (size_t g = 0; g < answer.mean.size(); ++g) {
    const double size = std::abs(norm.mean[g]) + 1 / norm.rstd[g];
    if (!std::isfinite(size)) continue;
    ASSERT_NEAR(answer.mean[g], norm.mean[g], kMeanError * kUnit * size + kSmallest)
        << Describe(c.problem) << ": mean of group " << g;
  }
  for (size_t g = 0; g < answer.rstd.size(); ++g) {
    const double conditioning = 1 + std::abs(norm.mean[g]) * norm.rstd[g];
    if (!std::isfinite(conditioning)) continue;
    const double relative = (2.5 + kMeanError * (0.5 + conditioning)) * kUnit;
    ASSERT_NEAR(answer.rstd[g], norm.rstd[g], relative * norm.rstd[g])
        << Describe(c.problem) << ": rstd of group " << g;
  }
}

}  // namespace

Expected ExpectedOf(const NativeCase& c, Conditioned conditioned) {
  const NormSpec& spec = c.problem.spec;
  const Shape& shape = c.problem.shape;
  Expected expected;
  if (c.problem.fusion.add_before) expected.sum = SumOf(c);
  NormBuffers in = c.inputs();
  if (!expected.sum.empty()) in.x = expected.sum.data();
  expected.norm = ReferenceNorm(spec, shape, in);
  const double bound = BoundOf(c, in, expected.norm, conditioned);
  const std::vector<double> rms = GroupRms(spec, shape, expected.norm);
  expected.y.resize(c.x.size());
  expected.slack.resize(c.x.size());
  for (size_t i = 0; i < c.x.size(); ++i) {
    const ElementPlace place = PlaceOf(spec, shape, static_cast<int64_t>(i));
    const double r = expected.norm.y[i];
    const double gamma = c.gamma.empty() ? 1 : std::abs(c.gamma[place.affine]);
    const double size = std::max(std::abs(r), rms[place.group]);
    // An infinite bound promises nothing, not even of zeros.
    const double slack = (std::isinf(bound) ? bound : bound * kUnit * size) +
                         (gamma * expected.norm.rstd[place.group] + 1) * kSmallest;
    const double residual = c.residual.empty() ? 0 : c.residual[i];
    const Element y = Fused(c.problem.fusion, {r, slack}, residual);
    expected.y[i] = y.value;
    expected.slack[i] = y.slack;
  }
  return expected;
}

Judgement Judge(const NativeCase& c, const Expected& expected, const NativeAnswer& answer) {
  const DType dtype = c.problem.format.dtype;
  const double unit = dtype == DType::kF32 ? 0 : UnitRoundoff(dtype);
  const std::vector<float> y = ValuesOf(c.problem, answer.y);
  Judgement judgement;
  int64_t misrounded = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double r = expected.y[i], slack = expected.slack[i];
    const double nearest = RoundTo(dtype, r);
    misrounded += y[i] != nearest && !std::isnan(nearest);
    if (!IsRight(dtype, r, slack, y[i])) {
      if (judgement.wrong++ == 0) judgement.first_wrong = static_cast<int64_t>(i);
    }
    const double rounding = unit * std::max(std::abs(r) + slack, SmallestNormal(dtype));
    if (std::isfinite(r) && y[i] != r)
      judgement.worst = std::max(judgement.worst, std::abs(y[i] - r) / (slack + rounding));
  }
  judgement.misrounded = static_cast<double>(misrounded) / static_cast<double>(y.size());
  return judgement;
}

void ExpectAnswer(const NativeCase& c, const Expected& expected, const NativeAnswer& answer) {
  const Judgement judgement = Judge(c, expected, answer);
  const int64_t i = std::max<int64_t>(judgement.first_wrong, 0);
  ASSERT_EQ(judgement.wrong, 0) << Describe(c.problem) << ": first at " << i << ", "
                                << ValuesOf(c.problem, answer.y)[i] << " for " << expected.y[i]
                                << " +- " << expected.slack[i];
  ExpectStatistics(c, expected, answer);
  if (answer.sum.empty()) return;
  ASSERT_EQ(ValuesOf(c.problem, answer.sum), expected.sum) << Describe(c.problem);
}

void ExpectRight(const NativeCase& c, Conditioned conditioned) {
  const Expected expected = ExpectedOf(c, conditioned);
  const Place sum = c.problem.fusion.add_before ? Place::kOwn : Place::kNone;
  std::optional<NativeAnswer> with_fma;
  for (Isa isa : SupportedIsas()) {
    SCOPED_TRACE(Name(isa));
    const NativeAnswer alone = RunNative(c, {.norm = {.isa = isa}, .sum = sum});
    ExpectAnswer(c, expected, alone);
    const NativeAnswer shared = RunNative(
        c, {.norm = {.isa = isa}, .pool = &SharedPool(), .threads = 3, .offset = 20, .sum = sum});
    ASSERT_TRUE(SameBits(alone, shared)) << Describe(c.problem) << ": three threads";
    if (isa == Isa::kSse4) continue;
    if (!with_fma) with_fma = alone;
    ASSERT_TRUE(SameBits(alone, *with_fma)) << Describe(c.problem) << ": AVX2 and AVX512";
  }
}

}  // namespace normbench
