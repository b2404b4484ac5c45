// SPDX-License-Identifier: Apache-2.0
// A kernel for tests of what measures kernels: the reference, whose launches a test wraps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "server/kernels/reference_kernel.h"

namespace normbench {

class WrappedKernel final : public NormKernel {
 public:
  // Gives what runs instead of `inner`, which was bound to `buffers` for tensors of `shape`.
  using Wrap = std::function<std::unique_ptr<BoundNorm>(
      std::unique_ptr<BoundNorm> inner, const Shape& shape, const NormBuffers& buffers)>;

  explicit WrappedKernel(Wrap wrap) : wrap_(std::move(wrap)) {}
  std::string name() const override { return "wrapped"; }
  KernelCapabilities capabilities() const override { return inner_->capabilities(); }
  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    return inner_->WorkspaceBytes(spec, shape, format);
  }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    return std::make_shared<WrappedPlan>(*inner_->Plan(spec, shape, dtype, layout, device), wrap_,
                                         shape);
  }

 private:
  class WrappedPlan final : public NormPlan {
   public:
    WrappedPlan(std::shared_ptr<const NormPlan> inner, Wrap wrap, const Shape& shape)
        : inner_(std::move(inner)), wrap_(std::move(wrap)), shape_(shape) {}
    absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
      return wrap_(*inner_->Bind(buffers), shape_, buffers);
    }

   private:
    std::shared_ptr<const NormPlan> inner_;
    Wrap wrap_;
    const Shape shape_;
  };

  std::unique_ptr<NormKernel> inner_ = MakeReferenceKernel();
  Wrap wrap_;
};

}  // namespace normbench
