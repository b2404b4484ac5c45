// SPDX-License-Identifier: Apache-2.0
// One normalization as calls of ATen, with what is fused elsewhere around it. For torch translation
// units only; throws what LibTorch throws.
#pragma once

#include <ATen/core/Tensor.h>

#include "server/kernels/native/native_norm.h"
#include "server/kernels/torch_operators.h"

namespace normbench {

// A view of packed memory in logical order.
at::Tensor TensorView(const NativeProblem& problem, const void* data);

class AtenCall {
 public:
  // Views of `buffers`, which like `problem` outlive it. Parameters take the form that ATen wants.
  AtenCall(const NativeProblem& problem, const NativeBuffers& buffers);

  // Computes once, into memory of ATen's or, where an operator can, the buffers' y.
  void Run();

  // Results of the last Run.
  const at::Tensor& y() const { return y_; }
  const at::Tensor& sum() const { return sum_; }

 private:
  const NativeProblem& problem_;
  TorchOperands operands_;
  TorchOperator operator_;  // null: one of those whose results stay where ATen put them
  at::Tensor x_, residual_, in_place_, y_, sum_;
};

}  // namespace normbench
