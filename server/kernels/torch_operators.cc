// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_operators.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace normbench {
namespace {

at::ScalarType ScalarTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return at::kFloat;
    case DType::kF16:
      return at::kHalf;
    case DType::kBf16:
      return at::kBFloat16;
  }
  return at::kFloat;
}

// What follows N: what layer and RMS norm share their statistics over.
std::vector<int64_t> SampleDims(const Shape& shape) {
  return {shape.dims().begin() + 1, shape.dims().end()};
}

// Where elements lie, whatever the strides of dimensions that have but one index.
bool SameOrder(const at::Tensor& a, const at::Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i) {
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  }
  return true;
}

void CopyResult(const at::Tensor& y, TorchOperands& o) {
  o.converted = !SameOrder(y, o.y);
  o.y.copy_(y);
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

// LibTorch has no view of a channels-last tensor as (1, N * C, ...): there and back again.
void InstanceNormNhwc(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const at::Tensor x = o.x.contiguous();
  const at::Tensor y = at::empty_like(x);
  std::vector<int64_t> dims = shape.dims();
  dims[1] *= dims[0];
  dims[0] = 1;
  at::Tensor y_view = y.view(dims);
  at::native_batch_norm_out(y_view, o.saved_mean, o.saved_rstd, x.view(dims), o.gamma, o.beta, {},
                            {}, /*training=*/true, /*momentum=*/0.0, spec.eps);
  CopyResult(y, o);
}

// As deployed: nothing but a scale and a bias a channel, writing in place.
void FoldedBatchNorm(const NormSpec&, const Shape&, TorchOperands& o) {
  if (o.gamma) {
    at::addcmul_out(o.y, *o.beta, o.x, *o.gamma);
  } else {
    o.y.copy_(o.x);
  }
}

void LayerNorm(const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const auto [y, mean, rstd] =
      at::native_layer_norm(o.x, SampleDims(shape), o.gamma, o.beta, spec.eps);
  CopyResult(y, o);
  CopyStatistics(mean, rstd, o);
}

void GroupNormOf(int64_t groups, const NormSpec& spec, const Shape& shape, TorchOperands& o) {
  const auto [y, mean, rstd] = at::native_group_norm(
      o.x, o.gamma, o.beta, shape.n(), shape.channels(), shape.spatial(), groups, spec.eps);
  CopyResult(y, o);
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
    CopyResult(y, o);
  }
  o.converted = !SameOrder(y, o.y);
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
  const at::TensorOptions f32 = o.x.options().dtype(at::kFloat);
  o.saved_mean = saves && o.mean_out.defined() ? o.mean_out : at::empty({groups}, f32);
  o.saved_rstd = saves && o.rstd_out.defined() ? o.rstd_out : at::empty({groups}, f32);
}

// (N, C, L) as (N, C, L, 1): of channels-last tensors LibTorch's batch norm knows ranks 4 and 5,
// and leaves the statistics of a batch of another rank unwritten.
void PrepareSequence(TorchOperands& o) {
  o.x = o.x.unsqueeze(-1);
  o.y = o.y.unsqueeze(-1);
}

// Instance norm is batch norm of (1, N * C, H, W): the same rewriting that LibTorch's composite
// does in each call.
void PrepareInstance(const Shape& shape, Layout layout, TorchOperands& o) {
  if (o.gamma) o.gamma = o.gamma->repeat({shape.n()});
  if (o.beta) o.beta = o.beta->repeat({shape.n()});
  if (layout == Layout::kNhwc) return;
  std::vector<int64_t> dims = shape.dims();
  dims[1] *= dims[0];
  dims[0] = 1;
  o.x = o.x.view(dims);
  o.y = o.y.view(dims);
}

// Parameters of the operators for 16-bit x that compute with float32 ones and give float32
// statistics only then: 1 and 0 where there are none.
void PrepareMixed(int64_t elements, TorchOperands& o) {
  if (o.x.scalar_type() == at::kFloat || o.gamma) return;
  const at::TensorOptions f32 = o.x.options().dtype(at::kFloat);
  o.gamma = at::ones({elements}, f32);
  o.beta = at::zeros({elements}, f32);
}

// gamma alone has only norm_bench's RMS norm, which is none of the operators above.
void ConvertAffine(TorchOperands& o) {
  if (o.gamma) o.gamma = o.gamma->to(o.x.scalar_type());
  if (o.beta) o.beta = o.beta->to(o.x.scalar_type());
}

void PrepareAffine(const Shape& shape, TorchOperands& o) {
  std::vector<int64_t> dims = {o.x.sizes().begin() + 1, o.x.sizes().end()};
  const bool one_a_channel = o.gamma && o.gamma->numel() == shape.channels();
  if (one_a_channel) dims.assign(dims.size(), 1);
  dims[0] = shape.channels();
  o.gamma = Viewed(o.gamma, dims);
  o.beta = Viewed(o.beta, dims);
}

}  // namespace

at::Tensor TensorView(const Shape& shape, TensorFormat format, const void* data) {
  std::vector<int64_t> dims = shape.dims();
  const bool nhwc = format.layout == Layout::kNhwc;
  if (nhwc) std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
  const at::Tensor packed =
      at::from_blob(const_cast<void*>(data), dims, at::TensorOptions(ScalarTypeOf(format.dtype)));
  return nhwc ? packed.movedim(-1, 1) : packed;
}

TorchOperator ChooseOperator(const NormSpec& spec, const Shape& shape, Layout layout) {
  switch (spec.method) {
    case Method::kBatch:
      if (IsFolded(spec)) return FoldedBatchNorm;
      return ComputesStatistics(spec) ? BatchNormOfBatch : BatchNormRunning;
    case Method::kInstance:
      return layout == Layout::kNhwc ? InstanceNormNhwc : BatchNormOfBatch;
    case Method::kGroup:
      return GroupNorm;
    case Method::kLayer:
      return TakesElementAffine(spec, shape) ? LayerNorm : LayerNormByChannel;
    case Method::kRms:
      return RmsNorm;
  }
  return nullptr;
}

void PrepareOperands(const NormSpec& spec, const Shape& shape, Layout layout, TorchOperands& o) {
  const TorchOperator chosen = ChooseOperator(spec, shape, layout);
  const bool element = chosen == LayerNorm;
  const bool mixes = spec.method == Method::kBatch || spec.method == Method::kInstance ||
                     (o.x.is_cpu() && spec.method != Method::kRms);
  if (mixes && !IsFolded(spec)) {
    PrepareMixed(element ? shape.elements() / shape.n() : shape.channels(), o);
  } else {
    ConvertAffine(o);
  }
  if (chosen == BatchNormOfBatch || chosen == InstanceNormNhwc) {
    PrepareSaved(Geometry(spec, shape).groups, o);
  }
  if (chosen == BatchNormRunning) PrepareSaved(0, o);
  const bool nhwc = layout == Layout::kNhwc;
  if (spec.method == Method::kBatch && nhwc && shape.rank() == 3) PrepareSequence(o);
  if (spec.method == Method::kInstance) PrepareInstance(shape, layout, o);
  if (element || chosen == RmsNorm || chosen == FoldedBatchNorm) PrepareAffine(shape, o);
}

int64_t PreparedBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) {
  const bool half = format.dtype != DType::kF32;
  const auto f32 = static_cast<int64_t>(sizeof(float));
  // Ones and zeros where a 16-bit x has no parameters, or the parameters as 16 bits.
  const int64_t parameters = half ? 2 * f32 * shape.elements() / shape.n() : 0;
  if (spec.method != Method::kBatch && spec.method != Method::kInstance) return parameters;
  // Saved statistics, gamma and beta of each group.
  return parameters + (half ? 6 : 4) * Geometry(spec, shape).groups * f32;
}

int64_t OperatorBytes(const NormSpec& spec, const Shape& shape, TensorFormat format) {
  const int64_t groups = Geometry(spec, shape).groups;
  const int64_t elements = shape.elements();
  const bool half = format.dtype != DType::kF32, nhwc = format.layout == Layout::kNhwc;
  const int64_t tensor = PackedBytes(format, shape);
  const auto f32 = static_cast<int64_t>(sizeof(float));
  const int64_t prepared = PreparedBytes(spec, shape, format);
  if (spec.method == Method::kBatch || spec.method == Method::kInstance) {
    // The scale and offset of each group.
    const int64_t there_and_back = nhwc && spec.method == Method::kInstance ? 2 * tensor : 0;
    return prepared + 2 * groups * f32 + there_and_back;
  }
  // y, mean and rstd before they are copied to the caller's; a contiguous x of a layer norm.
  int64_t bytes = prepared + tensor + 2 * groups * f32 + (nhwc ? tensor : 0);
  // x as float32, its squares or what they scale.
  if (half && spec.method == Method::kRms) bytes += 2 * f32 * elements;
  // Sums of each sample and channel.
  if (nhwc) bytes += 4 * f32 * shape.n() * shape.channels();
  return bytes;
}

}  // namespace normbench
