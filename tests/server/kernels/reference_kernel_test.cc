// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/reference_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/norm/case_data.h"
#include "tests/server/kernels/kernel_run.h"

namespace normbench {
namespace {

const std::unique_ptr<NormKernel> kKernel = MakeReferenceKernel();
const Shape kShape = Shape::Parse("2x4x3x3").value();

TEST(ReferenceKernel, RoundsTheReferenceOnce) {
  for (const NormSpec& spec : SpecsFor(kShape)) {
    const CaseData data(spec, kShape, Distribution::kNormal, 1);
    const ReferenceResult exact = ReferenceNorm(spec, kShape, data.inputs());
    const KernelAnswer answer = RunKernel({*kKernel}, spec, kShape, data.inputs()).value();
    EXPECT_EQ(answer.y, std::vector<float>(exact.y.begin(), exact.y.end()));
    if (HasRstd(spec)) {
      EXPECT_EQ(answer.rstd, std::vector<float>(exact.rstd.begin(), exact.rstd.end()));
    }
    if (HasMean(spec)) {
      EXPECT_EQ(answer.mean, std::vector<float>(exact.mean.begin(), exact.mean.end()));
    }
  }
}

TEST(ReferenceKernel, RoundsToEveryDTypeInEveryLayout) {
  for (const TensorFormat& format : FormatsFor(kShape)) {
    for (const NormSpec& spec : SpecsFor(kShape)) {
      const CaseData data(spec, kShape, Distribution::kNormal, 1, 0, format);
      const ReferenceResult exact = ReferenceNorm(spec, kShape, data.inputs());
      const KernelAnswer answer =
          RunKernel({*kKernel, "cpu", format}, spec, kShape, data.inputs()).value();
      const Accuracy accuracy = Compare(spec, kShape, format.dtype, exact, answer.y);
      EXPECT_LE(accuracy.err_scaled, 1) << Describe(spec, kShape, format);
      EXPECT_EQ(accuracy.misrounded.value_or(0), 0) << Describe(spec, kShape, format);
    }
  }
}

TEST(ReferenceKernel, IsWithinHalfAUnit) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 2};
  const CaseData data(spec, kShape, Distribution::kNormal, 1);
  const KernelAnswer answer = RunKernel({*kKernel}, spec, kShape, data.inputs()).value();
  const ReferenceResult exact = ReferenceNorm(spec, kShape, data.inputs());
  EXPECT_LE(Compare(spec, kShape, DType::kF32, exact, answer.y).err_scaled, 1);
}

TEST(ReferenceKernel, NeedsNoStatisticsToBeWanted) {
  const NormSpec spec = {.method = Method::kLayer};
  const CaseData data(spec, kShape, Distribution::kNormal, 1);
  std::vector<float> y(kShape.elements());
  NormBuffers buffers = data.inputs();
  buffers.y = y.data();
  const auto plan = kKernel->Plan(spec, kShape, DType::kF32, Layout::kNchw, "cpu").value();
  const std::unique_ptr<BoundNorm> bound = plan->Bind(buffers).value();
  EXPECT_GE(bound->Time(2).value(), 0);
  EXPECT_EQ(bound->time_source(), "steady_clock");
  EXPECT_EQ(y, RunKernel({*kKernel}, spec, kShape, data.inputs())->y);
}

TEST(ReferenceKernel, IsForTheCpuOnly) {
  EXPECT_THAT(kKernel->capabilities().devices, testing::ElementsAre("cpu"));
  EXPECT_EQ(kKernel->Plan({}, kShape, DType::kF32, Layout::kNchw, "cuda:0").status(),
            absl::InvalidArgumentError("device: cuda:0 with impl reference; allowed: cpu"));
  EXPECT_EQ(kKernel->Plan({}, kShape, DType::kF32, Layout::kNchw, "gpu").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
