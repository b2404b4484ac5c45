// SPDX-License-Identifier: Apache-2.0
#include "server/faults/faulty_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "bench/norm/case_data.h"
#include "bench/norm/reference.h"
#include "server/kernels/reference_kernel.h"
#include "tests/server/faults/counted_clock.h"
#include "tests/server/measure/wrapped_kernel.h"

namespace normbench {
namespace {

using std::chrono::microseconds;

const Shape kShape = Shape::Parse("2x4x3x3").value();
const NormSpec kSpec = {.method = Method::kGroup, .groups = 2};

// As the kernels of a GPU: a clock of its own, by which a launch takes ten microseconds.
class OnDevice final : public BoundNorm {
 public:
  explicit OnDevice(std::unique_ptr<BoundNorm> inner) : inner_(std::move(inner)) {}
  absl::Status Launch() override { return absl::OkStatus(); }
  absl::Status Synchronize() override { return inner_->Launch(); }
  absl::StatusOr<double> Time(int) override { return 10e-6; }
  std::string time_source() const override { return "cuda_event"; }

 private:
  std::unique_ptr<BoundNorm> inner_;
};

std::unique_ptr<NormKernel> DeviceKernel() {
  return std::make_unique<WrappedKernel>(
      [](std::unique_ptr<BoundNorm> inner, const WrappedKernel::Binding&) {
        return std::make_unique<OnDevice>(std::move(inner));
      });
}

class FaultyKernelTest : public ::testing::Test {
 protected:
  // Binds `kernel` with `options` to y_.
  std::unique_ptr<BoundNorm> Bind(std::unique_ptr<NormKernel> kernel, const FaultOptions& options) {
    std::vector<std::unique_ptr<NormKernel>> kernels;
    kernels.push_back(std::move(kernel));
    kernels_ = WithFaults(std::move(kernels), Faults::Create(options, clock_.Reader()).value());
    NormBuffers buffers = data_.inputs();
    buffers.y = y_.data();
    return kernels_[0]
        ->Plan(kSpec, kShape, DType::kF32, Layout::kNchw, "cpu")
        .value()
        ->Bind(buffers)
        .value();
  }

  // What y_ is without a fault.
  std::vector<float> Right() {
    const ReferenceResult exact = ReferenceNorm(kSpec, kShape, data_.inputs());
    return {exact.y.begin(), exact.y.end()};
  }

  void ExpectOnlyTheFirstIsWrongBy(float share) {
    const std::vector<float> right = Right();
    float largest = 0;
    for (const float value : right) largest = std::max(largest, std::abs(value));
    EXPECT_NEAR(std::abs(y_[0] - right[0]), share * largest, 1e-5);
    EXPECT_EQ(std::vector(y_.begin() + 1, y_.end()), std::vector(right.begin() + 1, right.end()));
  }

  const CaseData data_{kSpec, kShape, Distribution::kNormal, 1};
  std::vector<float> y_ = std::vector<float>(static_cast<size_t>(kShape.elements()));
  CountedClock clock_;
  std::vector<std::unique_ptr<NormKernel>> kernels_;
};

TEST_F(FaultyKernelTest, EveryLaunchIsSlowed) {
  const auto bound = Bind(MakeReferenceKernel(), {.delay = 3});
  ASSERT_TRUE(bound->Launch().ok());
  // Before and after the launch, which took a microsecond; the spin's beginning, and thrice.
  EXPECT_EQ(clock_.reads(), 2 + 4);
  ASSERT_TRUE(bound->Time(10).ok());
  EXPECT_EQ(clock_.reads(), 11 * 6) << "each of the calls in a row";
  EXPECT_EQ(y_, Right()) << "late, but right";
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(clock_.reads(), 11 * 6);
  EXPECT_EQ(y_, Right());
}

TEST_F(FaultyKernelTest, TheTailIsOneInAHundredLaunches) {
  const auto bound = Bind(MakeReferenceKernel(), {.tail = 10});
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(bound->Launch().ok());
  ASSERT_TRUE(bound->Time(150).ok());
  int slow = 0;
  for (uint64_t piece = 0; piece < 200; ++piece) slow += IsInTail(piece) ? 1 : 0;
  ASSERT_GT(slow, 0);
  EXPECT_EQ(clock_.reads(), 200 * 2 + slow * 11);
}

TEST_F(FaultyKernelTest, AnswersAreWrongOnceAndAlwaysInTheSameWay) {
  const auto bound = Bind(MakeReferenceKernel(), {.numeric = 0.01});
  ASSERT_TRUE(bound->Launch().ok());
  ASSERT_TRUE(bound->Synchronize().ok());
  ExpectOnlyTheFirstIsWrongBy(0.01f);
  const std::vector<float> once = y_;
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(y_, once);
  ASSERT_TRUE(bound->Time(3).ok());
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(y_, once);
}

TEST_F(FaultyKernelTest, OnADeviceTheHostsBusyWorkIsAddedToItsClock) {
  const auto bound = Bind(DeviceKernel(), {.delay = 2});
  EXPECT_EQ(bound->time_source(), "cuda_event");
  EXPECT_NEAR(bound->Time(5).value(), 30e-6, 1e-9);
  EXPECT_EQ(clock_.reads(), 5 * 21);
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(clock_.reads(), 5 * 21) << "nothing was launched meanwhile";
  ASSERT_TRUE(bound->Launch().ok());
  ASSERT_TRUE(bound->Synchronize().ok());
  EXPECT_EQ(clock_.reads(), 5 * 21 + 2 + 3) << "slowed as a whole";
}

TEST_F(FaultyKernelTest, OnADeviceAnswersAreWrongWhenTheyAreThere) {
  const auto bound = Bind(DeviceKernel(), {.numeric = 0.01});
  ASSERT_TRUE(bound->Launch().ok());
  ASSERT_TRUE(bound->Synchronize().ok());
  ExpectOnlyTheFirstIsWrongBy(0.01f);
  ASSERT_TRUE(bound->Time(1).ok());
  ASSERT_TRUE(bound->Synchronize().ok());
  ExpectOnlyTheFirstIsWrongBy(0.01f);
}

TEST_F(FaultyKernelTest, SaysOfItselfWhatTheKernelSays) {
  const auto reference = MakeReferenceKernel();
  Bind(MakeReferenceKernel(), {.delay = 1});
  const NormKernel& faulty = *kernels_[0];
  EXPECT_EQ(faulty.name(), "reference");
  EXPECT_EQ(faulty.capabilities().any_thread, reference->capabilities().any_thread);
  EXPECT_EQ(faulty.capabilities().ranks, reference->capabilities().ranks);
  const TensorFormat format = {DType::kBf16, Layout::kNchw};
  EXPECT_EQ(faulty.WorkspaceBytes(kSpec, kShape, format),
            reference->WorkspaceBytes(kSpec, kShape, format));
  EXPECT_EQ(faulty.BoundBytes(kSpec, kShape, format), reference->BoundBytes(kSpec, kShape, format));
  EXPECT_EQ(faulty.Plan(kSpec, kShape, DType::kF32, Layout::kNchw, "cuda:0").status(),
            reference->Plan(kSpec, kShape, DType::kF32, Layout::kNchw, "cuda:0").status());
}

}  // namespace
}  // namespace normbench
