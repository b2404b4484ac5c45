// SPDX-License-Identifier: Apache-2.0
// The torch kernel on a CUDA device; skipped, with the reason, where there is none.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "bench/norm/case_data.h"
#include "server/kernels/torch_kernel.h"
#include "server/kernels/torch_runtime.h"
#include "tests/server/kernels/kernel_run.h"

namespace normbench {
namespace {

// A container may have been given any of a machine's GPUs.
bool HasGpu() {
  for (int i = 0; i < 64; ++i) {
    if (std::filesystem::exists("/dev/nvidia" + std::to_string(i))) return true;
  }
  return false;
}

class TorchCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasGpu()) GTEST_SKIP() << "there is no /dev/nvidia0 .. 63";
    const absl::StatusOr<std::string> device = OpenTorchDevice("cuda");
    ASSERT_TRUE(device.ok()) << device.status();
    device_ = *device;
  }

  const std::unique_ptr<NormKernel> kernel_ = MakeTorchKernel();
  std::string device_;
};

TEST_F(TorchCuda, IsWithinTheBoundForEverythingItOffers) {
  for (std::string_view text : {"1x1", "3x4", "5x33", "7x6x1x1", "2x3x7x7", "4x8x16x16"}) {
    const Shape shape = Shape::Parse(text).value();
    for (NormSpec spec : SpecsFor(shape)) {
      for (float offset : {0.0f, -100.0f}) ExpectRight({*kernel_, device_}, spec, shape, offset);
      spec.eps = 0.25;
      ExpectRight({*kernel_, device_}, spec, shape, 0);
    }
  }
}

// Without an offset: what LibTorch's channels-last norms add up, they add up as they like.
TEST_F(TorchCuda, IsWithinTheBoundInEveryDTypeAndLayout) {
  for (std::string_view text : {"3x4", "2x6x50", "2x3x7x7", "4x8x16x16", "2x6x3x4x5"}) {
    const Shape shape = Shape::Parse(text).value();
    for (const TensorFormat& format : FormatsFor(shape)) {
      for (const NormSpec& spec : SpecsFor(shape)) {
        ExpectRight({*kernel_, device_, format}, spec, shape, 0);
      }
    }
  }
}

TEST_F(TorchCuda, ConfinesNanToItsGroup) {
  const Shape shape = Shape::Parse("3x6x5x7").value();
  for (const NormSpec& spec : SpecsFor(shape)) {
    ExpectConfined({*kernel_, device_}, spec, shape, std::numeric_limits<float>::quiet_NaN());
  }
}

TEST_F(TorchCuda, TimesWithEvents) {
  const NormSpec spec = {.method = Method::kGroup, .groups = 8};
  const Shape shape = Shape::Parse("8x64x56x56").value();
  const CaseData data(spec, shape, Distribution::kNormal, 1);
  std::vector<float> y(shape.elements());
  NormBuffers buffers = data.inputs();
  buffers.y = y.data();
  const auto plan = kernel_->Plan(spec, shape, DType::kF32, Layout::kNchw, device_).value();
  const std::unique_ptr<BoundNorm> bound = plan->Bind(buffers).value();
  EXPECT_EQ(bound->time_source(), "cuda_event");
  EXPECT_GT(bound->Time(10).value(), 0);
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(y, RunKernel({*kernel_, device_}, spec, shape, data.inputs())->y);
}

// What Synchronize brings back of elements that no launch has written.
TEST_F(TorchCuda, AnElementThatIsNeverWrittenIsNan) {
  const NormSpec spec = {.method = Method::kLayer};
  const Shape shape = Shape::Parse("2x3x4x4").value();
  const CaseData data(spec, shape, Distribution::kNormal, 1);
  std::vector<float> y(shape.elements());
  NormBuffers buffers = data.inputs();
  buffers.y = y.data();
  const auto plan = kernel_->Plan(spec, shape, DType::kF32, Layout::kNchw, device_).value();
  ASSERT_TRUE(plan->Bind(buffers).value()->Synchronize().ok());
  for (const float value : y) EXPECT_TRUE(std::isnan(value));
}

TEST_F(TorchCuda, IsListedOnceOpened) {
  EXPECT_EQ(TorchDevices()[1], "cuda:0");
}

}  // namespace
}  // namespace normbench
