// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/aten_call.h"

#include <ATen/ATen.h>

#include <optional>
#include <tuple>
#include <vector>

namespace normbench {
namespace {

std::optional<at::Tensor> Parameter(const float* data, int64_t elements) {
  if (data == nullptr) return std::nullopt;
  return at::from_blob(const_cast<float*>(data), {elements}, at::TensorOptions(at::kFloat));
}

TorchOperands OperandsOf(const NativeProblem& problem, const NativeBuffers& buffers) {
  const NormBuffers& norm = buffers.norm;
  const int64_t affine = AffineElements(problem.spec, problem.shape);
  const int64_t channels = problem.shape.channels();
  TorchOperands operands{.x = TensorView(problem, norm.x),
                         .y = TensorView(problem, norm.y),
                         .gamma = Parameter(norm.gamma, affine),
                         .beta = Parameter(norm.beta, affine),
                         .mean = Parameter(norm.mean, channels),
                         .variance = Parameter(norm.variance, channels),
                         .mean_out = {},
                         .rstd_out = {},
                         .saved_mean = {},
                         .saved_rstd = {}};
  PrepareOperands(problem.spec, problem.shape, problem.format.layout, operands);
  return operands;
}

// Batch norm and contiguous instance norm write where they are told to.
bool WritesInPlace(const NativeProblem& problem) {
  if (problem.spec.method == Method::kBatch) return true;
  return problem.spec.method == Method::kInstance && problem.format.layout == Layout::kNchw;
}

at::Tensor GroupNorm(int64_t groups, const NativeProblem& problem, const TorchOperands& o,
                     const at::Tensor& x) {
  const Shape& shape = problem.shape;
  return std::get<0>(at::native_group_norm(x, o.gamma, o.beta, shape.n(), shape.channels(),
                                           shape.spatial(), groups, problem.spec.eps));
}

// The contiguous result is what at::instance_norm gives for a channels-last x.
at::Tensor InstanceNormNhwc(const NativeProblem& problem, const TorchOperands& o,
                            const at::Tensor& x) {
  std::vector<int64_t> dims = problem.shape.dims();
  dims[1] *= dims[0];
  dims[0] = 1;
  const auto result =
      at::native_batch_norm(x.contiguous().view(dims), o.gamma, o.beta, {}, {}, /*training=*/true,
                            /*momentum=*/0.0, problem.spec.eps);
  return std::get<0>(result).view(problem.shape.dims());
}

// LibTorch's takes one gamma an element, and no beta.
at::Tensor RmsNorm(const std::vector<int64_t>& sample, const NativeProblem& problem,
                   const TorchOperands& o, const at::Tensor& x) {
  if (!o.gamma || o.gamma->sizes() == sample) {
    return at::rms_norm(x, sample, o.gamma, problem.spec.eps);
  }
  return at::rms_norm(x, sample, std::nullopt, problem.spec.eps).mul_(*o.gamma);
}

at::Tensor Norm(const NativeProblem& problem, const TorchOperands& o, const at::Tensor& x) {
  const Shape& shape = problem.shape;
  const std::vector<int64_t> sample(shape.dims().begin() + 1, shape.dims().end());
  switch (problem.spec.method) {
    case Method::kGroup:
      return GroupNorm(problem.spec.groups, problem, o, x);
    case Method::kInstance:
      return InstanceNormNhwc(problem, o, x);
    case Method::kLayer:
      // LibTorch's layer norm takes one gamma an element; one a channel is group norm of one group.
      if (problem.spec.affine == Affine::kChannel && shape.spatial() > 1) {
        return GroupNorm(1, problem, o, x);
      }
      return std::get<0>(at::native_layer_norm(x, sample, o.gamma, o.beta, problem.spec.eps));
    case Method::kRms:
      return RmsNorm(sample, problem, o, x);
    case Method::kBatch:
      break;
  }
  return {};
}

void Activate(Activation activation, at::Tensor& y) {
  if (activation == Activation::kRelu) at::relu_(y);
  if (activation == Activation::kSilu) at::silu_(y);
}

}  // namespace

at::Tensor TensorView(const NativeProblem& problem, const void* data) {
  return TensorView(problem.shape, problem.format, data);
}

AtenCall::AtenCall(const NativeProblem& problem, const NativeBuffers& buffers)
    : problem_(problem),
      operands_(OperandsOf(problem, buffers)),
      operator_(WritesInPlace(problem)
                    ? ChooseOperator(problem.spec, problem.shape, problem.format.layout)
                    : nullptr),
      x_(operands_.x),
      in_place_(TensorView(problem, buffers.norm.y)) {
  if (buffers.residual != nullptr) residual_ = TensorView(problem, buffers.residual);
}

void AtenCall::Run() {
  // First of all the old results go: the new ones shall get their memory.
  y_.reset();
  sum_.reset();
  if (problem_.fusion.add_before) sum_ = at::add(x_, residual_);
  if (operator_ != nullptr) {
    operator_(problem_.spec, problem_.shape, operands_);
    y_ = in_place_;
  } else {
    y_ = Norm(problem_, operands_, problem_.fusion.add_before ? sum_ : x_);
  }
  if (problem_.fusion.add_after) y_.add_(residual_);
  Activate(problem_.fusion.activation, y_);
}

}  // namespace normbench
