// SPDX-License-Identifier: Apache-2.0
// The norms of a network by an implementation of server/kernels, where LibTorch's operators would
// do them: it reads and writes the tensors' own memory, in the layout that they have. Includes
// torch; what it throws is for BehindTorchWall.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "bench/norm/spec.h"
#include "server/kernels/kernel.h"
#include "server/kernels/plan_cache.h"

namespace normbench {

// Float32 on the CPU. All but x are (C); mean and variance where TakesStatistics(spec) only.
struct KernelNormInputs {
  const torch::Tensor& x;  // (N, C, H, W)
  const torch::Tensor& gamma;
  const torch::Tensor& beta;
  torch::Tensor mean;
  torch::Tensor variance;
};

// Thread-safe.
class KernelNorm {
 public:
  // Shapes whose plans are kept: three a request batch in Plain6.
  static constexpr size_t kPlans = 256;

  explicit KernelNorm(std::unique_ptr<const NormKernel> kernel)
      : kernel_(std::move(kernel)), plans_(kPlans) {}

  // The norm of x: contiguous or channels-last as x is; an x of any other strides becomes
  // contiguous first. Throws c10::Error with what the kernel says where it refuses.
  torch::Tensor Normalize(const NormSpec& spec, const KernelNormInputs& inputs);

  // The most bytes that Normalize holds beside its tensors for each sample of a batch. REQUIRES:
  // what the kernel needs grows no faster than the batch.
  int64_t SampleBytes(const NormSpec& spec, const Shape& sample) const;

  size_t plans() const { return plans_.size(); }

 private:
  const std::unique_ptr<const NormKernel> kernel_;
  PlanCache plans_;
};

}  // namespace normbench
