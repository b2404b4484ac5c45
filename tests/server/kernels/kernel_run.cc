// SPDX-License-Identifier: Apache-2.0
#include "tests/server/kernels/kernel_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <span>

#include "absl/strings/str_cat.h"
#include "bench/norm/case_data.h"
#include "bench/norm/error_bound.h"

namespace normbench {
namespace {

// What the README says of a mean and of an rstd, in units of u, for chains of 32 and five
// deviations.
constexpr double kMeanError = 10.5;
constexpr double kUnit = 0x1p-24;

// `rounding` is of the type that the operator has them in, relative to float32's.
void ExpectStatistics(const NormSpec& spec, const ReferenceResult& reference,
                      const KernelAnswer& answer, double rounding, const std::string& what) {
  for (size_t g = 0; g < answer.mean.size(); ++g) {
    const double size = std::abs(reference.mean[g]) + 1 / reference.rstd[g];
    EXPECT_NEAR(answer.mean[g], reference.mean[g], (kMeanError + rounding) * kUnit * size)
        << what << " " << g;
  }
  for (size_t g = 0; g < answer.rstd.size(); ++g) {
    const double conditioning = 1 + std::abs(reference.mean[g]) * reference.rstd[g];
    const double relative = (2.5 + rounding + kMeanError * (0.5 + conditioning)) * kUnit;
    EXPECT_NEAR(answer.rstd[g], reference.rstd[g], relative * reference.rstd[g])
        << what << " " << g;
  }
  EXPECT_EQ(answer.mean.size(), HasMean(spec) ? reference.mean.size() : 0);
}

}  // namespace

absl::StatusOr<KernelAnswer> RunKernel(const KernelUnderTest& under_test, const NormSpec& spec,
                                       const Shape& shape, const NormBuffers& inputs) {
  const TensorFormat format = under_test.format;
  const auto plan =
      under_test.kernel.Plan(spec, shape, format.dtype, format.layout, under_test.device);
  if (!plan.ok()) return plan.status();
  const int64_t groups = Geometry(spec, shape).groups;
  // Poisoned, so that an element that is not written shows.
  KernelAnswer answer{.y = std::vector<float>(shape.elements(), -77),
                      .mean = std::vector<float>(HasMean(spec) ? groups : 0, -77),
                      .rstd = std::vector<float>(HasRstd(spec) ? groups : 0, -77)};
  std::vector<std::byte> x(PackedBytes(format, shape)), y(x.size());
  Pack(format, shape, std::span(static_cast<const float*>(inputs.x), answer.y.size()), x.data());
  Pack(format, shape, std::span<const float>(answer.y), y.data());
  const std::vector<std::byte> before = x;
  NormBuffers buffers = inputs;
  buffers.x = x.data();
  buffers.y = y.data();
  buffers.mean_out = answer.mean.empty() ? nullptr : answer.mean.data();
  buffers.rstd_out = answer.rstd.empty() ? nullptr : answer.rstd.data();
  const auto bound = (*plan)->Bind(buffers);
  if (!bound.ok()) return bound.status();
  if (absl::Status status = (*bound)->Launch(); !status.ok()) return status;
  if (absl::Status status = (*bound)->Synchronize(); !status.ok()) return status;
  EXPECT_EQ(x, before) << "an input was written to";
  Unpack(format, shape, y.data(), answer.y);
  answer.converts_layout = (*bound)->converts_layout();
  return answer;
}

std::vector<NormSpec> SpecsFor(const Shape& shape) {
  std::vector<NormSpec> specs;
  for (Affine affine : {Affine::kNone, Affine::kChannel, Affine::kElement}) {
    for (Method method : kMethods) {
      NormSpec spec = {.method = method, .affine = affine};
      if (!Validate(spec, shape).ok()) continue;
      specs.push_back(spec);
      for (StatsSource stats : {StatsSource::kBatch, StatsSource::kFolded}) {
        spec.stats = stats;
        if (Validate(spec, shape).ok()) specs.push_back(spec);
      }
      spec.stats = StatsSource::kRunning;
      for (int64_t groups = 2; method == Method::kGroup && groups <= shape.channels(); ++groups) {
        spec.groups = groups;
        if (Validate(spec, shape).ok()) specs.push_back(spec);
      }
    }
  }
  return specs;
}

std::vector<TensorFormat> FormatsFor(const Shape& shape) {
  std::vector<TensorFormat> formats;
  for (DType dtype : kDTypes) {
    for (Layout layout : kLayouts) {
      const TensorFormat format = {dtype, layout};
      if (Validate(format, shape).ok()) formats.push_back(format);
    }
  }
  return formats;
}

std::string Describe(const NormSpec& spec, const Shape& shape, TensorFormat format) {
  return absl::StrCat(std::string(Name(spec.method)), " ", std::string(Name(spec.stats)),
                      " g=", spec.groups, " ", std::string(Name(spec.affine)), " ",
                      shape.ToString(), " ", std::string(Name(format.dtype))) +
         absl::StrCat(" ", std::string(Name(format.layout)));
}

void ExpectRight(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                 float offset) {
  const DType dtype = under_test.format.dtype;
  const std::string what = absl::StrCat(Describe(spec, shape, under_test.format), " + ", offset);
  const CaseData data(spec, shape, Distribution::kNormal, 11, 0, under_test.format);
  std::vector<float> x = data.x();
  for (float& value : x) value = static_cast<float>(RoundTo(dtype, value + offset));
  NormBuffers inputs = data.inputs();
  inputs.x = x.data();
  const ReferenceResult reference = ReferenceNorm(spec, shape, inputs);
  const absl::StatusOr<KernelAnswer> answer = RunKernel(under_test, spec, shape, inputs);
  ASSERT_TRUE(answer.ok()) << what << ": " << answer.status();
  const Accuracy accuracy = Compare(spec, shape, dtype, reference, answer->y);
  const Conditioning conditioning = ConditioningOf(spec, shape, inputs, reference);
  EXPECT_LE(accuracy.err_scaled, ErrorBound(spec, shape, dtype, conditioning)) << what;
  EXPECT_EQ(accuracy.nonfinite_mismatches, 0) << what;
  // On a GPU some of LibTorch's norms keep the statistics of 16-bit tensors in 16 bits.
  const double rounding = under_test.device == "cpu" ? 0 : UnitRoundoff(dtype) / kUnit;
  ExpectStatistics(spec, reference, *answer, rounding, what);
}

void ExpectConfined(const KernelUnderTest& under_test, const NormSpec& spec, const Shape& shape,
                    float poison) {
  const std::string what = absl::StrCat(Describe(spec, shape), " with ", poison);
  const CaseData data(spec, shape, Distribution::kNormal, 11, 0, under_test.format);
  const absl::StatusOr<KernelAnswer> clean = RunKernel(under_test, spec, shape, data.inputs());
  std::vector<float> x = data.x();
  const int64_t hit = shape.elements() / 3;
  x[hit] = poison;
  NormBuffers inputs = data.inputs();
  inputs.x = x.data();
  const ReferenceResult reference = ReferenceNorm(spec, shape, inputs);
  const absl::StatusOr<KernelAnswer> answer = RunKernel(under_test, spec, shape, inputs);
  ASSERT_TRUE(clean.ok() && answer.ok()) << what << ": " << answer.status();
  EXPECT_EQ(
      Compare(spec, shape, under_test.format.dtype, reference, answer->y).nonfinite_mismatches, 0)
      << what;
  const int64_t group = PlaceOf(spec, shape, hit).group;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    if (PlaceOf(spec, shape, i).group == group) continue;
    ASSERT_EQ(answer->y[i], clean->y[i]) << what << " at " << i;
  }
}

}  // namespace normbench
