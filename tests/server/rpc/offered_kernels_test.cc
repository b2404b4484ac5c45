// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/offered_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace normbench {
namespace {

using ::testing::ElementsAre;

// Has nothing but a name and devices.
class NamedKernel final : public NormKernel {
 public:
  NamedKernel(std::string name, std::vector<std::string> devices)
      : name_(std::move(name)), devices_(std::move(devices)) {}
  std::string name() const override { return name_; }
  KernelCapabilities capabilities() const override {
    KernelCapabilities capabilities;
    capabilities.devices = devices_;
    return capabilities;
  }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec&, const Shape&, DType, Layout,
                                                       const std::string&) const override {
    return absl::UnimplementedError("");
  }

 private:
  const std::string name_;
  const std::vector<std::string> devices_;
};

// A machine with two CUDA devices, on which only one of two kernels runs.
class OfferedKernelsTest : public ::testing::Test {
 protected:
  static std::vector<std::unique_ptr<NormKernel>> Kernels() {
    std::vector<std::unique_ptr<NormKernel>> kernels;
    kernels.push_back(
        std::make_unique<NamedKernel>("fast", std::vector<std::string>{"cpu", "cuda:0", "cuda:1"}));
    kernels.push_back(std::make_unique<NamedKernel>("plain", std::vector<std::string>{"cpu"}));
    return kernels;
  }

  const KernelRegistry registry_{Kernels()};
  const ServerMetrics metrics_{{.rpcs = {},
                                .impls = {"fast", "plain"},
                                .devices = {"cpu", "cuda:0", "cuda:1"},
                                .version = "",
                                .sha = "",
                                .torch = ""}};
  const OfferedKernels offered_{registry_, metrics_, "cuda:1"};
  const KernelEntry& fast_ = **offered_.Find("fast");
  const KernelEntry& plain_ = **offered_.Find("plain");
};

TEST_F(OfferedKernelsTest, EmptyAndAutoAreTheServersOwnDevice) {
  EXPECT_EQ(*offered_.Device(fast_, ""), "cuda:1");
  EXPECT_EQ(*offered_.Device(fast_, "auto"), "cuda:1");
}

TEST_F(OfferedKernelsTest, EmptyAndAutoAreAKernelsFirstDeviceWhereItDoesNotRunOnTheServersOwn) {
  EXPECT_EQ(*offered_.Device(plain_, ""), "cpu");
  EXPECT_EQ(*offered_.Device(plain_, "auto"), "cpu");
}

TEST_F(OfferedKernelsTest, CudaIsTheFirstCudaDevice) {
  EXPECT_EQ(*offered_.Device(fast_, "cuda"), "cuda:0");
  EXPECT_EQ(*offered_.Device(fast_, "cuda:1"), "cuda:1");
  EXPECT_EQ(*offered_.Device(fast_, "cpu"), "cpu");
}

TEST_F(OfferedKernelsTest, AnotherDeviceIsRefusedNamingThoseOfTheKernel) {
  EXPECT_EQ(
      offered_.Device(plain_, "cuda").status(),
      absl::FailedPreconditionError("device: 'cuda:0' is not here for impl plain; allowed: cpu"));
  EXPECT_EQ(offered_.Device(fast_, "cuda:2").status(),
            absl::FailedPreconditionError(
                "device: 'cuda:2' is not here for impl fast; allowed: cpu, cuda:0, cuda:1"));
}

TEST_F(OfferedKernelsTest, ListsTheServersOwnDeviceFirst) {
  EXPECT_THAT(offered_.Devices(), ElementsAre("cuda:1", "cpu", "cuda:0"));
}

}  // namespace
}  // namespace normbench
