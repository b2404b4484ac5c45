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

// 1x1 in both ranks, single elements a group, odd sizes, 3 channels, a group longer than any block.
constexpr std::string_view kShapes[] = {"1x1",     "1x1x1x1",  "3x4",       "5x33",       "7x6x1x1",
                                        "2x3x7x7", "1x12x5x3", "4x8x16x16", "1x2x257x255"};

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
