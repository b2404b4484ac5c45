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
  // What a launch was bound for.
  struct Binding {
    const Shape& shape;
    Layout layout;
    const NormBuffers& buffers;
  };
  // Gives what runs instead of `inner`.
  using Wrap = std::function<std::unique_ptr<BoundNorm>(std::unique_ptr<BoundNorm> inner,
                                                        const Binding& binding)>;

  // Capabilities are those of the reference.
  explicit WrappedKernel(Wrap wrap)
      : WrappedKernel("wrapped", MakeReferenceKernel()->capabilities(), std::move(wrap)) {}
  WrappedKernel(std::string name, KernelCapabilities capabilities, Wrap wrap)
      : name_(std::move(name)), capabilities_(std::move(capabilities)), wrap_(std::move(wrap)) {}
  std::string name() const override { return name_; }
  KernelCapabilities capabilities() const override { return capabilities_; }
  int64_t WorkspaceBytes(const NormSpec& spec, const Shape& shape,
                         TensorFormat format) const override {
    return inner_->WorkspaceBytes(spec, shape, format);
  }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    return std::make_shared<WrappedPlan>(*inner_->Plan(spec, shape, dtype, layout, device), wrap_,
                                         shape, layout);
  }

 private:
  class WrappedPlan final : public NormPlan {
   public:
    WrappedPlan(std::shared_ptr<const NormPlan> inner, Wrap wrap, const Shape& shape, Layout layout)
        : inner_(std::move(inner)), wrap_(std::move(wrap)), shape_(shape), layout_(layout) {}
    absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers& buffers) const override {
      return wrap_(*inner_->Bind(buffers), {shape_, layout_, buffers});
    }

   private:
    std::shared_ptr<const NormPlan> inner_;
    Wrap wrap_;
    const Shape shape_;
    const Layout layout_;
  };

  const std::string name_;
  const KernelCapabilities capabilities_;
  std::unique_ptr<NormKernel> inner_ = MakeReferenceKernel();
  Wrap wrap_;
};

}  // namespace normbench
