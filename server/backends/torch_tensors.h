// SPDX-License-Identifier: Apache-2.0
// The tensors of a request as LibTorch's, and LibTorch's as an answer, checked against what the
// configuration says of the outputs. Includes torch; what it throws is for BehindTorchWall.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "server/backends/model.h"

namespace normbench {

// Returns `input` on `device`. There it is a view of the caller's memory where that is the CPU and
// no copy is asked for. REQUIRES: TorchTypeOf knows its type.
at::Tensor TensorOf(const TensorIn& input, at::Device device, bool copy);

// Samples of a request; 0: the model has no batch dimension.
int64_t BatchOf(const ModelSpec& spec, std::span<const TensorIn> inputs);

// Returns INTERNAL unless `tensor` has the type and shape of `wanted`; `batch` of 0: there is no
// batch dimension.
absl::Status CheckOutput(const at::Tensor& tensor, const TensorSpec& wanted, int64_t batch);

// Copies `outputs`, in the order of the configuration, to where the answer is to be. Returns
// INTERNAL where there is another number of them or CheckOutput refuses one.
absl::Status Answer(const std::vector<at::Tensor>& outputs, const ModelSpec& spec, int64_t batch,
                    const AllocateOutput& allocate);

}  // namespace normbench
