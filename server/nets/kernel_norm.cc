// SPDX-License-Identifier: Apache-2.0
#include "server/nets/kernel_norm.h"

#include <algorithm>
#include <span>
#include <utility>

namespace normbench {
namespace {

using torch::Tensor;

void Check(const absl::Status& status) {
  TORCH_CHECK(status.ok(), std::string(status.message()));
}

const float* DataOf(const Tensor& tensor) {
  return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr;
}

// The layout that its memory has already. Contiguous wins where both are true.
Layout LayoutOf(const Tensor& x) {
  return x.is_contiguous() ? Layout::kNchw : Layout::kNhwc;
}

Tensor InOneOfTheLayouts(const Tensor& x) {
  const bool last = x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  return last ? x : x.contiguous();  // no copy of one that is contiguous
}

Shape ShapeOf(const Tensor& x) {
  const absl::StatusOr<Shape> shape = Shape::Create(std::span(x.sizes().data(), x.sizes().size()));
  Check(shape.status());
  return *shape;
}

NormBuffers BuffersOf(const KernelNormInputs& inputs, const Tensor& x, Tensor& y) {
  return {.x = x.const_data_ptr(),
          .gamma = DataOf(inputs.gamma),
          .beta = DataOf(inputs.beta),
          .mean = DataOf(inputs.mean),
          .variance = DataOf(inputs.variance),
          .y = y.mutable_data_ptr()};
}

}  // namespace

Tensor KernelNorm::Normalize(const NormSpec& spec, const KernelNormInputs& inputs) {
  const Tensor x = InOneOfTheLayouts(inputs.x);
  const auto plan = plans_.Get({.kernel = kernel_.get(),
                                .spec = spec,
                                .shape = ShapeOf(x),
                                .dtype = DType::kF32,
                                .layout = LayoutOf(x),
                                .device = "cpu"});
  Check(plan.status());
  Tensor y = at::empty_like(x);
  const auto bound = (*plan)->Bind(BuffersOf(inputs, x, y));
  Check(bound.status());
  Check((*bound)->Launch());
  return y;
}

int64_t KernelNorm::SampleBytes(const NormSpec& spec, const Shape& sample) const {
  int64_t most = 0;
  for (const Layout layout : kLayouts) {
    most = std::max(most, kernel_->WorkspaceBytes(spec, sample, {DType::kF32, layout}));
  }
  return most;
}

}  // namespace normbench
