// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/reference_kernel.h"

#include <algorithm>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/norm/reference.h"
#include "server/kernels/device_name.h"
#include "server/kernels/steady_time.h"

namespace normbench {
namespace {

void CopyRounded(const std::vector<double>& from, float* to) {
  if (to == nullptr) return;
  std::transform(from.begin(), from.end(), to, [](double v) { return static_cast<float>(v); });
}

class BoundReference final : public BoundNorm {
 public:
  BoundReference(const NormSpec& spec, const Shape& shape, TensorFormat format,
                 const NormBuffers& buffers)
      : spec_(spec), shape_(shape), format_(format), buffers_(buffers) {
    if (!IsPlain(format)) values_.resize(static_cast<size_t>(shape.elements()));
  }

  absl::Status Launch() override {
    NormBuffers in = buffers_;
    if (!IsPlain(format_)) {
      Unpack(format_, shape_, buffers_.x, values_);
      in.x = values_.data();
    }
    const ReferenceResult result = ReferenceNorm(spec_, shape_, in);
    Pack(format_, shape_, std::span<const double>(result.y), buffers_.y);
    CopyRounded(result.mean, buffers_.mean_out);
    CopyRounded(result.rstd, buffers_.rstd_out);
    return absl::OkStatus();
  }

  absl::Status Synchronize() override { return absl::OkStatus(); }

  absl::StatusOr<double> Time(int iterations) override { return TimeLaunches(*this, iterations); }

  std::string time_source() const override { return "steady_clock"; }

 private:
  const NormSpec spec_;
  const Shape shape_;
  const TensorFormat format_;
  const NormBuffers buffers_;
  std::vector<float> values_;  // x for the reference, where it is packed
};

class ReferencePlan final : public NormPlan {
 public:
  ReferencePlan(const NormSpec& spec, const Shape& shape, TensorFormat format)
      : spec_(spec), shape_(shape), format_(format) {}

  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
    return std::make_unique<BoundReference>(spec_, shape_, format_, buffers);
  }

 private:
  const NormSpec spec_;
  const Shape shape_;
  const TensorFormat format_;
};

class ReferenceKernel final : public NormKernel {
 public:
  std::string name() const override { return "reference"; }

  KernelCapabilities capabilities() const override {
    return {.methods = {kMethods.begin(), kMethods.end()},
            .dtypes = {kDTypes.begin(), kDTypes.end()},
            .layouts = {kLayouts.begin(), kLayouts.end()},
            .devices = {"cpu"},
            .ranks = {2, 3, 4, 5},
            .copying = {},
            .isa = "scalar",
            .any_thread = true};
  }

  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    const int64_t values = IsPlain(format) ? 0 : shape.elements();
    return ReferenceBytes(spec, shape) + values * static_cast<int64_t>(sizeof(float));
  }

  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    const absl::StatusOr<DeviceName> wanted = ParseDeviceName(device);
    if (!wanted.ok()) return wanted.status();
    if (wanted->cuda) {
      return absl::InvalidArgumentError(
          absl::StrCat("device: ", device, " with impl reference; allowed: cpu"));
    }
    return std::make_shared<ReferencePlan>(spec, shape, TensorFormat{dtype, layout});
  }
};

}  // namespace

std::unique_ptr<NormKernel> MakeReferenceKernel() {
  return std::make_unique<ReferenceKernel>();
}

}  // namespace normbench
