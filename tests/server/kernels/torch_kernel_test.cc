// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "bench/norm/case_data.h"
#include "bench/norm/error_bound.h"
#include "server/kernels/torch_runtime.h"
#include "tests/server/kernels/kernel_run.h"

namespace normbench {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// 1x1 in all ranks, single elements a group, odd sizes, 3 channels, a group longer than any block.
constexpr std::string_view kShapes[] = {
    "1x1",     "1x1x1",    "1x1x1x1",   "1x1x1x1x1",   "3x4",    "5x33",  "7x6x1x1",
    "2x3x7x7", "1x12x5x3", "4x8x16x16", "1x2x257x255", "2x6x50", "3x4x1", "2x6x3x4x5"};

class TorchKernel : public testing::Test {
 protected:
  void SetUp() override { SetTorchThreads(1); }

  KernelAnswer Run(const NormSpec& spec, const Shape& shape, const NormBuffers& inputs) const {
    return RunKernel({*kernel_}, spec, shape, inputs).value();
  }

  const std::unique_ptr<NormKernel> kernel_ = MakeTorchKernel();
};

TEST_F(TorchKernel, IsWithinTheBoundForEverythingItOffers) {
  for (std::string_view text : kShapes) {
    const Shape shape = Shape::Parse(text).value();
    for (NormSpec spec : SpecsFor(shape)) {
      for (float offset : {0.0f, 1.0f, -100.0f}) ExpectRight({*kernel_}, spec, shape, offset);
      spec.eps =
          0.25;  // large enough to be seen where it is added in the wrong place, or not at all
      ExpectRight({*kernel_}, spec, shape, 0);
    }
  }
}

// The norms whose statistics LibTorch sums up one value after the other in channels-last tensors.
bool HasLongChains(const NormSpec& spec, TensorFormat format) {
  const bool by_channel = spec.method == Method::kLayer && spec.affine == Affine::kChannel;
  const bool chained = spec.method == Method::kGroup || by_channel ||
                       (spec.method == Method::kBatch && ComputesStatistics(spec));
  return chained && format.layout == Layout::kNhwc;
}

// An offset of 8: at 100 a bfloat16 has two digits left of N(0, 1).
TEST_F(TorchKernel, IsWithinTheBoundInEveryDTypeAndLayout) {
  for (std::string_view text : kShapes) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        const bool chains = HasLongChains(spec, format);
        if (chains && Geometry(spec, shape).length > 4096) continue;
        ExpectRight({*kernel_, "cpu", format}, spec, shape, 0);
        if (!chains) ExpectRight({*kernel_, "cpu", format}, spec, shape, 8);
      }
    }
  }
}

// E[x^2] - E[x]^2 in float32, as LibTorch 2.15 has it for channels-last group norm.
TEST_F(TorchKernel, ShowsTheErrorOfChannelsLastGroupNormOnIllConditionedData) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 2, .affine = Affine::kNone};
  const Shape shape = Shape::Parse("2x8x16x16").value();
  std::vector<float> x = CaseData(spec, shape, Distribution::kNormal, 1).x();
  for (float& value : x) value += 1000;
  const NormBuffers inputs = {.x = x.data()};
  const ReferenceResult reference = ReferenceNorm(spec, shape, inputs);
  const double bound =
      ErrorBound(spec, shape, DType::kF32, ConditioningOf(spec, shape, inputs, reference));
  const auto error = [&](Layout layout) {
    const KernelUnderTest under_test = {*kernel_, "cpu", {DType::kF32, layout}};
    const KernelAnswer answer = RunKernel(under_test, spec, shape, inputs).value();
    return Compare(spec, shape, DType::kF32, reference, answer.y).err_scaled;
  };
  EXPECT_LE(error(Layout::kNchw), bound);
  EXPECT_GT(error(Layout::kNhwc), 10 * bound);
}

// What of the answer is rearranged after LibTorch's own operator: the layout of the request stays.
TEST_F(TorchKernel, SaysWhereItConvertsTheLayout) {
  const auto converts = [&](const NormSpec& spec, std::string_view text, Layout layout) {
    const Shape shape = Shape::Parse(text).value();
    const CaseData data(spec, shape, Distribution::kNormal, 1);
    const KernelUnderTest under_test = {*kernel_, "cpu", {DType::kF32, layout}};
    return RunKernel(under_test, spec, shape, data.inputs())->converts_layout;
  };
  const NormSpec instance = {.method = Method::kInstance};
  const NormSpec group = {.method = Method::kGroup, .groups = 2};
  const NormSpec layer = {.method = Method::kLayer, .affine = Affine::kElement};
  for (std::string_view text : {"2x6x5x4", "2x6x3x5x4"}) {
    for (const NormSpec& spec : {instance, group, layer}) {
      EXPECT_FALSE(converts(spec, text, Layout::kNchw)) << text << Name(spec.method);
    }
    EXPECT_FALSE(converts({.method = Method::kBatch}, text, Layout::kNhwc));
    EXPECT_FALSE(converts(group, text, Layout::kNhwc));
    EXPECT_FALSE(converts({.method = Method::kRms}, text, Layout::kNhwc));
    EXPECT_TRUE(converts(instance, text, Layout::kNhwc));
    EXPECT_TRUE(converts(layer, text, Layout::kNhwc));
  }
  EXPECT_TRUE(converts(group, "2x6x50", Layout::kNhwc));
  EXPECT_FALSE(converts({.method = Method::kBatch}, "2x6x50", Layout::kNhwc));
}

TEST_F(TorchKernel, IsWithinTheBoundForEveryDistribution) {
  const Shape shape = Shape::Parse("2x8x16x16").value();
  for (const NormSpec& spec : SpecsFor(shape)) {
    for (DType dtype : kDTypes) {
      for (Distribution distribution : kDistributions) {
        if (!Validate(distribution, dtype).ok()) continue;
        const TensorFormat format = {dtype, Layout::kNchw};
        const CaseData data(spec, shape, distribution, 3, 0, format);
        const ReferenceResult reference = ReferenceNorm(spec, shape, data.inputs());
        const double bound =
            ErrorBound(spec, shape, dtype, ConditioningOf(spec, shape, data.inputs(), reference));
        const auto answer = RunKernel({*kernel_, "cpu", format}, spec, shape, data.inputs());
        EXPECT_LE(Compare(spec, shape, dtype, reference, answer->y).err_scaled, bound)
            << Describe(spec, shape, format) << " " << Name(distribution);
      }
    }
  }
}

TEST_F(TorchKernel, IsWithinTheBoundForAnImageBatch) {
  const Shape shape = Shape::Parse("8x64x56x56").value();
  for (const NormSpec& spec :
       {NormSpec{.method = Method::kBatch},
        NormSpec{.method = Method::kBatch, .stats = StatsSource::kBatch},
        NormSpec{.method = Method::kLayer}, NormSpec{.method = Method::kInstance},
        NormSpec{.method = Method::kGroup, .groups = 32}, NormSpec{.method = Method::kRms}}) {
    ExpectRight({*kernel_}, spec, shape, 0);
  }
}

TEST_F(TorchKernel, ConfinesNanAndInfToTheirGroup) {
  for (std::string_view text : {"4x6", "3x6x5x7"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const NormSpec& spec : SpecsFor(shape)) {
      if (Geometry(spec, shape).length == 1) continue;
      for (float poison : {kNan, kInf, -kInf}) ExpectConfined({*kernel_}, spec, shape, poison);
    }
  }
}

// x * scale + bias rounds both terms, so LibTorch does not give exactly beta, but stays in its
// bound.
TEST_F(TorchKernel, GivesBetaForAConstantGroupWithinTheBound) {
  const Shape shape = Shape::Parse("2x4x9x9").value();
  for (const NormSpec& spec : SpecsFor(shape)) {
    if (spec.affine == Affine::kNone || spec.method == Method::kRms) continue;
    const CaseData data(spec, shape, Distribution::kNormal, 2);
    const std::vector<float> x(shape.elements(), 0.7f);
    NormBuffers inputs = data.inputs();
    inputs.x = x.data();
    const ReferenceResult reference = ReferenceNorm(spec, shape, inputs);
    const Conditioning conditioning = ConditioningOf(spec, shape, inputs, reference);
    EXPECT_LE(Compare(spec, shape, DType::kF32, reference, Run(spec, shape, inputs).y).err_scaled,
              ErrorBound(spec, shape, DType::kF32, conditioning))
        << Describe(spec, shape);
  }
}

struct Identity {
  NormSpec left, right;
  std::string_view shape;
};

// By different operators of LibTorch: equal up to rounding, which for these values is below 1e-5.
TEST_F(TorchKernel, HoldsTheIdentitiesBetweenMethods) {
  const NormSpec instance = {.method = Method::kInstance, .affine = Affine::kNone};
  const NormSpec layer = {.method = Method::kLayer, .affine = Affine::kNone};
  for (const Identity& i :
       {Identity{
            {.method = Method::kGroup, .groups = 1, .affine = Affine::kNone}, layer, "3x6x5x4"},
        Identity{
            {.method = Method::kGroup, .groups = 6, .affine = Affine::kNone}, instance, "3x6x5x4"},
        Identity{{.method = Method::kBatch, .stats = StatsSource::kBatch, .affine = Affine::kNone},
                 instance,
                 "1x6x5x4"}}) {
    const Shape shape = Shape::Parse(i.shape).value();
    const CaseData data(i.left, shape, Distribution::kNormal, 5);
    const KernelAnswer left = Run(i.left, shape, data.inputs());
    const KernelAnswer right = Run(i.right, shape, data.inputs());
    EXPECT_THAT(left.y, testing::Pointwise(testing::FloatNear(1e-5f), right.y));
    EXPECT_THAT(left.mean, testing::Pointwise(testing::FloatNear(1e-6f), right.mean));
    EXPECT_THAT(left.rstd, testing::Pointwise(testing::FloatNear(1e-5f), right.rstd));
  }
}

// With one gamma a channel, which LibTorch's layer norm does not have.
TEST_F(TorchKernel, HasLayerNormWithChannelParametersAsGroupNormOfOneGroup) {
  const Shape shape = Shape::Parse("3x6x5x4").value();
  const NormSpec group = {.method = Method::kGroup, .groups = 1},
                 layer = {.method = Method::kLayer};
  const CaseData data(group, shape, Distribution::kNormal, 5);
  EXPECT_EQ(Run(group, shape, data.inputs()).y, Run(layer, shape, data.inputs()).y);
}

TEST_F(TorchKernel, ReportsIllConditionedDataAsItIs) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 2, .affine = Affine::kNone};
  const Shape shape = Shape::Parse("2x8x16x16").value();
  std::vector<float> x = CaseData(spec, shape, Distribution::kNormal, 1).x();
  for (float& value : x) value += 1000;
  const NormBuffers inputs = {.x = x.data()};
  const ReferenceResult reference = ReferenceNorm(spec, shape, inputs);
  const Conditioning conditioning = ConditioningOf(spec, shape, inputs, reference);
  const double error =
      Compare(spec, shape, DType::kF32, reference, Run(spec, shape, inputs).y).err_scaled;
  EXPECT_NEAR(conditioning.mean, 1000, 100);
  EXPECT_GT(error, 100);
  EXPECT_LT(error, ErrorBound(spec, shape, DType::kF32, conditioning));
}

TEST_F(TorchKernel, RunsAgainOnNewInputsInTheSameMemory) {
  const NormSpec spec = {.method = Method::kInstance};
  const Shape shape = Shape::Parse("2x4x6x6").value();
  const CaseData first(spec, shape, Distribution::kNormal, 1, 0);
  const CaseData second(spec, shape, Distribution::kNormal, 1, 1);
  std::vector<float> x = first.x(), y(shape.elements());
  NormBuffers buffers = first.inputs();
  buffers.x = x.data();
  buffers.y = y.data();
  const auto plan = kernel_->Plan(spec, shape, DType::kF32, Layout::kNchw, "cpu").value();
  const std::unique_ptr<BoundNorm> bound = plan->Bind(buffers).value();
  ASSERT_TRUE(bound->Launch().ok());
  EXPECT_EQ(y, Run(spec, shape, first.inputs()).y);
  x = second.x();
  EXPECT_GT(bound->Time(3).value(), 0);
  EXPECT_EQ(bound->time_source(), "steady_clock");
  EXPECT_EQ(y, Run(spec, shape, second.inputs()).y);
}

TEST_F(TorchKernel, SharesAPlanBetweenThreads) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 2};
  const Shape shape = Shape::Parse("4x8x9x9").value();
  const CaseData data(spec, shape, Distribution::kNormal, 1);
  const auto plan = kernel_->Plan(spec, shape, DType::kF32, Layout::kNchw, "cpu").value();
  std::vector<std::vector<float>> answers(4, std::vector<float>(shape.elements()));
  std::vector<std::thread> threads;
  for (std::vector<float>& y : answers) {
    threads.emplace_back([&] {
      SetTorchThreads(1);
      NormBuffers buffers = data.inputs();
      buffers.y = y.data();
      EXPECT_TRUE(plan->Bind(buffers).value()->Launch().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<float> expected = Run(spec, shape, data.inputs()).y;
  for (const std::vector<float>& y : answers) EXPECT_EQ(y, expected);
}

TEST_F(TorchKernel, SaysWhatItCanDo) {
  const KernelCapabilities capabilities = kernel_->capabilities();
  EXPECT_EQ(kernel_->name(), "torch");
  EXPECT_EQ(capabilities.methods.size(), 5u);
  EXPECT_EQ(capabilities.devices, TorchDevices());
  EXPECT_THAT(capabilities.copying,
              testing::ElementsAre(Method::kLayer, Method::kGroup, Method::kRms));
  EXPECT_EQ(capabilities.isa, TorchCpuCapability());
}

TEST_F(TorchKernel, RefusesADeviceThatIsNotHere) {
  const Shape shape = Shape::Parse("1x4").value();
  const absl::Status missing =
      kernel_->Plan({}, shape, DType::kF32, Layout::kNchw, "cuda:63").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(missing.message()),
              testing::StartsWith("device: cuda:63 is not here; allowed: cpu"));
  EXPECT_EQ(kernel_->Plan({}, shape, DType::kF32, Layout::kNchw, "tpu").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
