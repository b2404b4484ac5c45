// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_operators.h"

#include <ATen/ATen.h>

#include <tuple>
#include <vector>

namespace normbench {
namespace {

// (C, H, W), or (C): what layer and RMS norm share their statistics over.
std::vector<int64_t> SampleDims(const Shape& shape) {
  return {shape.dims().begin() + 1, shape.dims().end()};
}

void CopyStatistics(const at::Tensor& mean, const at::Tensor& rstd, TorchOperands& o) {
  if (o.mean_out.defined()) o.mean_out.copy_(mean.view_as(o.mean_out));
  if (o.rstd_out.defined()) o.rstd_out.copy_(rstd.view_as(o.rstd_out));
}

// The only norm of LibTorch whose out= variant writes in place, statistics of the batch included.
void BatchNorm(const NormSpec& spec, TorchOperands& o) {
  at::native_batch_norm_out(o.y, o.saved_mean, o.saved_rstd, o.x, o.gamma, o.beta, o.mean,
                            o.variance, /*training=*/!o.mean.has_value(), /*momentum=*/0.0,
                            spec.eps);
}

void BatchNormOfBatch(const NormSpec& spec, const Shape&, TorchOperands& o) {
  BatchNorm(spec, o);
}

void BatchNormRunning(const NormSpec& spec, const Shape&, TorchOperands& o) {
  BatchNorm(spec, o);
  if (o.mean_out.defined()) o.mean_out.copy_(*o.mean);
  if (o.rstd_out.defined()) o.rstd_out.copy_(at::rsqrt(*o.variance + spec.eps));
}

void LayerNorm(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const auto [y, mean, rstd] =
      at::native_layer_norm(o.x, SampleDims(shape), o.gamma, o.beta, spec.eps);
  o.y.copy_(y);
  CopyStatistics(mean, rstd, o);
}

void GroupNormOf(int64_t groups, const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const auto [y, mean, rstd] = at::native_group_norm(
      o.x, o.gamma, o.beta, shape.n(), shape.channels(), shape.spatial(), groups, spec.eps);
  o.y.copy_(y);
  CopyStatistics(mean, rstd, o);
}

void GroupNorm(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  GroupNormOf(spec.groups, spec, shape, o);
}

// LibTorch's layer norm takes one gamma an element; with one a channel it is group norm of one
// group.
void LayerNormByChannel(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  GroupNormOf(1, spec, shape, o);
}

// LibTorch's RMS norm has no beta: gamma and beta are applied together, writing in place.
void RmsNorm(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const auto [y, rstd] = at::_fused_rms_norm(o.x, SampleDims(shape), std::nullopt, spec.eps);
  if (o.gamma) {
    at::addcmul_out(o.y, *o.beta, y, *o.gamma);
  } else {
    o.y.copy_(y);
  }
  if (o.rstd_out.defined()) o.rstd_out.copy_(rstd.view_as(o.rstd_out));
}

bool TakesElementAffine(const NormSpec& spec, const Shape& shape) {
  return spec.affine != Affine::kChannel || shape.spatial() == 1;
}

std::optional<at::Tensor> Viewed(const std::optional<at::Tensor>& tensor,
                                 const std::vector<int64_t>& dims) {
  if (!tensor) return std::nullopt;
  return tensor->view(dims);
}

// Batch norm saves the statistics of a batch, straight to the caller where wanted; of running ones
// it saves nothing, but wants tensors all the same.
void PrepareSaved(int64_t groups, TorchOperands& o) {
  const bool saves = groups > 0;
  o.saved_mean = saves && o.mean_out.defined() ? o.mean_out : at::empty({groups}, o.x.options());
  o.saved_rstd = saves && o.rstd_out.defined() ? o.rstd_out : at::empty({groups}, o.x.options());
}

// Instance norm is batch norm of (1, N * C, H, W): the same rewriting that LibTorch's composite
// does in each call.
void PrepareInstance(const Shape& shape, TorchOperands& o) {
  std::vector<int64_t> dims = shape.dims();
  dims[1] *= dims[0];
  dims[0] = 1;
  o.x = o.x.view(dims);
  o.y = o.y.view(dims);
  if (o.gamma) o.gamma = o.gamma->repeat({shape.n()});
  if (o.beta) o.beta = o.beta->repeat({shape.n()});
}

void PrepareAffine(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  std::vector<int64_t> dims = SampleDims(shape);
  if (spec.affine == Affine::kChannel) dims.assign(dims.size(), 1);
  dims[0] = shape.channels();
  o.gamma = Viewed(o.gamma, dims);
  o.beta = Viewed(o.beta, dims);
}

}  // namespace

TorchOperator ChooseOperator(const NormSpec& spec, const Shape& shape) {
  switch (spec.method) {
    case Method::kBatch:
      return ComputesStatistics(spec) ? BatchNormOfBatch : BatchNormRunning;
    case Method::kInstance:
      return BatchNormOfBatch;
    case Method::kGroup:
      return GroupNorm;
    case Method::kLayer:
      return TakesElementAffine(spec, shape) ? LayerNorm : LayerNormByChannel;
    case Method::kRms:
      return RmsNorm;
  }
  return nullptr;
}

void PrepareOperands(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const TorchOperator chosen = ChooseOperator(spec, shape);
  if (chosen == BatchNormOfBatch) PrepareSaved(Geometry(spec, shape).groups, o);
  if (chosen == BatchNormRunning) PrepareSaved(0, o);
  if (spec.method == Method::kInstance) PrepareInstance(shape, o);
  if (chosen == LayerNorm || chosen == RmsNorm) PrepareAffine(spec, shape, o);
}

int64_t OperatorBytes(const NormSpec& spec, const Shape& shape) {
  const int64_t groups = Geometry(spec, shape).groups;
  const bool in_place = spec.method == Method::kBatch || spec.method == Method::kInstance;
  // In place: saved statistics, gamma and beta of each group, and the scale and offset that batch
  // norm makes of them. Else: y, mean and rstd before they are copied to the caller's.
  const int64_t floats = in_place ? 6 * groups : shape.elements() + 2 * groups;
  return floats * static_cast<int64_t>(sizeof(float));
}

}  // namespace normbench
