// SPDX-License-Identifier: Apache-2.0
// A network with its weights: a forward pass for training, one for inference, a file. Images are
// (b, 1, 28, 28), logits (b, 10), float32 unless To() says otherwise. Includes torch; what it
// throws is for BehindTorchWall.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/kernels/kernel.h"
#include "server/nets/kernel_norm.h"
#include "server/nets/net_spec.h"

namespace normbench {

class Network {
 public:
  // Fresh weights, a pure function of spec and seed: convolutions N(0, 2 / (9 * channels out)) (He
  // et al. 2015, fan-out), linear N(0, 0.01^2), gamma 1, beta and bias 0.
  Network(const NetSpec& spec, uint64_t seed);

  // Reads what Save wrote for this kind of spec. Returns NOT_FOUND where there is no such file,
  // INVALID_ARGUMENT naming file and tensor where one is missing or has another shape or type.
  static absl::StatusOr<Network> Load(const NetSpec& spec, const std::string& path);

  absl::Status Save(const std::string& path) const;

  // Logits with gradient. Batch norm sees `workers` ghost batches: sample b belongs to worker
  // b mod workers, each worker normalizes its own samples and keeps running statistics of its own
  // (momentum 0.1, unbiased variance). Equal to a loop over workers, at the cost of one batch.
  // REQUIRES: workers divides b and is the same in every call.
  torch::Tensor Train(const torch::Tensor& images, int64_t workers);

  // Logits. Batch norm with running statistics takes their mean over the workers. Thread-safe as
  // long as nobody trains or moves.
  torch::Tensor Infer(const torch::Tensor& images) const;

  // From now on Infer computes its norms with `kernel`; copies of the network share it. REQUIRES:
  // there is a norm; when Infer is called the network is float32 on the CPU.
  void InferWith(std::unique_ptr<const NormKernel> kernel);

  // The network without normalization that answers as this one does with running statistics: each
  // channel's scale is in its kernel, its shift in the bias. For inference. REQUIRES: norm is
  // batch.
  Network Folded() const;

  // The most bytes that Infer holds for `batch` images beside them, in float32, with the norms as
  // they are computed now. Linear in the batch.
  int64_t InferBytes(int64_t batch) const;

  void To(torch::Device device, torch::ScalarType type);

  // What gradients flow to, in the order of the layers.
  std::vector<torch::Tensor> Parameters() const;

  const NetSpec& spec() const { return spec_; }

  // Which statistics batch norm takes at inference: the weights serve both.
  void set_stats(StatsSource stats) { spec_.stats = stats; }

  // Running statistics of layer `index`, (workers, C), workers = 1 before training.
  // REQUIRES: norm is batch.
  torch::Tensor running_mean(size_t index) const { return blocks_[index].mean; }
  torch::Tensor running_variance(size_t index) const { return blocks_[index].variance; }

 private:
  struct Block {
    torch::Tensor kernel;  // (C, C before, 3, 3)
    torch::Tensor gamma;   // (C), with a norm
    torch::Tensor beta;    // (C); without a norm the bias of the convolution
    torch::Tensor mean;    // (workers, C), batch norm only
    torch::Tensor variance;
  };
  struct NamedTensor {
    std::string name;
    torch::Tensor* tensor;
  };

  std::vector<NamedTensor> Tensors();
  void SetRequiresGrad();
  torch::Tensor Convolve(size_t index, const torch::Tensor& x) const;
  torch::Tensor Normalize(const Block& block, const torch::Tensor& x) const;
  torch::Tensor InferNorm(const Block& block, const torch::Tensor& x) const;
  torch::Tensor Classify(const torch::Tensor& x) const;

  NetSpec spec_;
  std::vector<Block> blocks_;
  torch::Tensor linear_;                     // (classes, last C)
  torch::Tensor bias_;                       // (classes)
  std::shared_ptr<KernelNorm> kernel_norm_;  // null: LibTorch's operators
  int64_t norm_bytes_ = 0;                   // that it holds for a sample, beside its tensors
};

}  // namespace normbench
