// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/reference_kernel.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "bench/norm/reference.h"
#include "server/kernels/device_name.h"

namespace normbench {
namespace {

void Round(const std::vector<double>& from, float* to) {
  if (to == nullptr) return;
  std::transform(from.begin(), from.end(), to, [](double v) { return static_cast<float>(v); });
}

class BoundReference final : public BoundNorm {
 public:
  BoundReference(const NormSpec& spec, const Shape& shape, const NormBuffers& buffers)
      : spec_(spec), shape_(shape), buffers_(buffers) {}

  absl::Status Launch() override {
    const ReferenceResult result = ReferenceNorm(spec_, shape_, buffers_);
    Round(result.y, buffers_.y);
    Round(result.mean, buffers_.mean_out);
    Round(result.rstd, buffers_.rstd_out);
    return absl::OkStatus();
  }

  absl::Status Synchronize() override { return absl::OkStatus(); }

  absl::StatusOr<double> Time(int iterations) override {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < iterations; ++i) {
      if (absl::Status status = Launch(); !status.ok()) return status;
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return spent.count() / iterations;
  }

  std::string time_source() const override { return "steady_clock"; }

 private:
  const NormSpec spec_;
  const Shape shape_;
  const NormBuffers buffers_;
};

class ReferencePlan final : public NormPlan {
 public:
  ReferencePlan(const NormSpec& spec, const Shape& shape) : spec_(spec), shape_(shape) {}

  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
    return std::make_unique<BoundReference>(spec_, shape_, buffers);
  }

 private:
  const NormSpec spec_;
  const Shape shape_;
};

class ReferenceKernel final : public NormKernel {
 public:
  std::string name() const override { return "reference"; }

  KernelCapabilities capabilities() const override {
    return {.methods = {kMethods.begin(), kMethods.end()},
            .dtypes = {DType::kF32},
            .layouts = {Layout::kNchw},
            .devices = {"cpu"},
            .ranks = {2, 4},
            .copying = {},
            .isa = "scalar",
            .any_thread = true};
  }

  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape) const override {
    return ReferenceBytes(spec, shape);
  }

  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType, Layout,
                                                       const std::string& device) const override {
    const absl::StatusOr<DeviceName> wanted = ParseDeviceName(device);
    if (!wanted.ok()) return wanted.status();
    if (wanted->cuda) {
      return absl::InvalidArgumentError(
          absl::StrCat("device: ", device, " with impl reference; allowed: cpu"));
    }
    return std::make_shared<ReferencePlan>(spec, shape);
  }
};

}  // namespace

std::unique_ptr<NormKernel> MakeReferenceKernel() {
  return std::make_unique<ReferenceKernel>();
}

}  // namespace normbench
