// SPDX-License-Identifier: Apache-2.0
// Which operator of LibTorch computes which normalization, and what it is called with. For torch
// translation units only.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

// The tensors of one normalization as its operator wants to see them, all on one device.
struct TorchOperands {
  at::Tensor x;
  at::Tensor y;                        // same shape as x; may be a view of memory of the caller's
  std::optional<at::Tensor> gamma;     // as prepared by PrepareOperands
  std::optional<at::Tensor> beta;      // likewise
  std::optional<at::Tensor> mean;      // batch norm with running statistics only
  std::optional<at::Tensor> variance;  // likewise
  at::Tensor mean_out;                 // (groups); undefined: not wanted
  at::Tensor rstd_out;                 // (groups); undefined: not wanted
  at::Tensor saved_mean, saved_rstd;  // where batch norm saves its statistics; PrepareOperands' own
  bool converted = false;             // the operator's result had another layout than y
};

// A view of packed bytes in logical order, whatever their order in memory.
at::Tensor TensorView(const Shape& shape, TensorFormat format, const void* data);

// Computes y, and the statistics that are wanted, from the rest. Throws what LibTorch throws.
using TorchOperator = void (*)(const NormSpec& spec, const Shape& shape, TorchOperands& operands);

TorchOperator ChooseOperator(const NormSpec& spec, const Shape& shape, Layout layout);

// Brings operands (x and y of the tensor's shape, gamma and beta flat) into the form that the
// chosen operator wants; done once, outside the timed path. x and y stay views of the same memory.
void PrepareOperands(const NormSpec& spec, const Shape& shape, Layout layout,
                     TorchOperands& operands);

// The most bytes that PrepareOperands holds beside the operands, until they are destroyed.
int64_t PreparedBytes(const NormSpec& spec, const Shape& shape, TensorFormat format);

// The most bytes that PrepareOperands and the chosen operator hold beside the operands.
int64_t OperatorBytes(const NormSpec& spec, const Shape& shape, TensorFormat format);

}  // namespace normbench
