// SPDX-License-Identifier: Apache-2.0
#include "server/nets/network.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/generator.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

using torch::Tensor;

constexpr double kMomentum = 0.1;

// Keeps clear of the streams of data: weights of layer i are stream kWeightStream + i.
constexpr uint64_t kWeightStream = uint64_t{4} << 32;

struct WeightDraw {
  uint64_t seed = 0;
  uint64_t stream = 0;
  double deviation = 1;
};

Tensor NormalTensor(torch::IntArrayRef shape, const WeightDraw& draw) {
  Tensor tensor = torch::empty(shape, torch::kFloat);
  const std::span<float> values(tensor.mutable_data_ptr<float>(),
                                static_cast<size_t>(tensor.numel()));
  Fill(Distribution::kNormal, draw.seed, draw.stream, values);
  for (float& value : values) value *= static_cast<float>(draw.deviation);
  return tensor;
}

// One set of running statistics: the mean over the workers that kept one each.
Tensor Together(const Tensor& statistics) {
  return statistics.size(0) == 1 ? statistics.view(-1) : statistics.mean(0);
}

// The height and width that the convolution of layer `index` makes of `side`.
int64_t SideAfter(const NetSpec& spec, size_t index, int64_t side) {
  return (side - 1) / spec.strides[index] + 1;
}

std::string ShapeText(torch::IntArrayRef shape) {
  return absl::StrCat("(", absl::StrJoin(shape.begin(), shape.end(), ", "), ")");
}

absl::Status CheckRead(const Tensor& read, const Tensor& expected) {
  if (read.sizes() != expected.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat("has shape ", ShapeText(read.sizes()),
                                                   ", expected ", ShapeText(expected.sizes())));
  }
  if (read.scalar_type() != expected.scalar_type()) {
    return absl::InvalidArgumentError(absl::StrCat("has type ", c10::toString(read.scalar_type()),
                                                   ", expected ",
                                                   c10::toString(expected.scalar_type())));
  }
  return absl::OkStatus();
}

// Batch norm of one ghost batch for each row of `mean`: (K * n, C, H, W) seen as (n, K * C, H, W),
// so that the stock kernel keeps K * C statistics; gamma and beta are the workers' common ones.
Tensor GhostBatchNorm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                      std::pair<Tensor, Tensor> running, double eps) {
  const int64_t workers = running.first.size(0);
  const Tensor ghost = x.reshape({x.size(0) / workers, workers * x.size(1), x.size(2), x.size(3)});
  return at::batch_norm(ghost, gamma.repeat(workers), beta.repeat(workers), running.first.view(-1),
                        running.second.view(-1), /*training=*/true, kMomentum, eps,
                        /*cudnn_enabled=*/true)
      .view_as(x);
}

}  // namespace

Network::Network(const NetSpec& spec, uint64_t seed) : spec_(spec) {
  int64_t before = spec.image_channels;
  uint64_t stream = kWeightStream;
  for (const int64_t channels : spec.channels) {
    Block block;
    const double deviation = std::sqrt(2.0 / (9.0 * static_cast<double>(channels)));
    block.kernel = NormalTensor({channels, before, 3, 3},
                                {.seed = seed, .stream = stream++, .deviation = deviation});
    if (spec.norm.has_value()) block.gamma = torch::ones({channels});
    block.beta = torch::zeros({channels});
    if (spec.norm == Method::kBatch) {
      block.mean = torch::zeros({1, channels});
      block.variance = torch::ones({1, channels});
    }
    blocks_.push_back(std::move(block));
    before = channels;
  }
  linear_ =
      NormalTensor({spec.classes, before}, {.seed = seed, .stream = stream, .deviation = 0.01});
  bias_ = torch::zeros({spec.classes});
  SetRequiresGrad();
}

std::vector<Network::NamedTensor> Network::Tensors() {
  std::vector<NamedTensor> all;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = blocks_[i];
    const std::string prefix = absl::StrCat("block", i, ".");
    all.push_back({prefix + "kernel", &block.kernel});
    if (spec_.norm.has_value()) all.push_back({prefix + "gamma", &block.gamma});
    all.push_back({prefix + "beta", &block.beta});
    if (spec_.norm != Method::kBatch) continue;
    all.push_back({prefix + "mean", &block.mean});
    all.push_back({prefix + "variance", &block.variance});
  }
  all.push_back({"linear.weight", &linear_});
  all.push_back({"linear.bias", &bias_});
  return all;
}

std::vector<Tensor> Network::Parameters() const {
  std::vector<Tensor> all;
  for (const Block& block : blocks_) {
    all.push_back(block.kernel);
    if (spec_.norm.has_value()) all.push_back(block.gamma);
    all.push_back(block.beta);
  }
  all.insert(all.end(), {linear_, bias_});
  return all;
}

void Network::SetRequiresGrad() {
  for (Tensor& parameter : Parameters()) parameter.set_requires_grad(true);
}

void Network::To(torch::Device device, torch::ScalarType type) {
  for (const NamedTensor& named : Tensors()) {
    *named.tensor = named.tensor->detach().to(device, type, /*non_blocking=*/false, /*copy=*/true);
  }
  SetRequiresGrad();
}

Tensor Network::Convolve(size_t index, const Tensor& x) const {
  const int64_t stride = spec_.strides[index];
  return at::conv2d(x, blocks_[index].kernel,
                    spec_.norm.has_value() ? Tensor() : blocks_[index].beta,
                    at::IntArrayRef({stride, stride}), at::IntArrayRef({1, 1}));
}

Tensor Network::Classify(const Tensor& x) const {
  return at::linear(x.mean({2, 3}), linear_, bias_);
}

Tensor Network::Train(const Tensor& images, int64_t workers) {
  Tensor x = images;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = blocks_[i];
    x = Convolve(i, x);
    if (spec_.norm == Method::kBatch) {
      if (block.mean.size(0) != workers) {
        block.mean = Together(block.mean).repeat({workers, 1});
        block.variance = Together(block.variance).repeat({workers, 1});
      }
      x = GhostBatchNorm(x, block.gamma, block.beta, {block.mean, block.variance}, spec_.eps);
    } else {
      x = Normalize(block, x);
    }
    x = at::relu(x);
  }
  return Classify(x);
}

Tensor Network::Normalize(const Block& block, const Tensor& x) const {
  if (!spec_.norm.has_value()) return x;
  if (spec_.norm != Method::kBatch) {
    return at::group_norm(x, GroupsOf(spec_, x.size(1)), block.gamma, block.beta, spec_.eps);
  }
  const bool running = spec_.stats != StatsSource::kBatch;
  return at::batch_norm(x, block.gamma, block.beta, running ? Together(block.mean) : Tensor(),
                        running ? Together(block.variance) : Tensor(), /*training=*/!running,
                        kMomentum, spec_.eps, /*cudnn_enabled=*/true);
}

Tensor Network::InferNorm(const Block& block, const Tensor& x) const {
  if (kernel_norm_ == nullptr) return Normalize(block, x);
  const NormSpec norm = NormSpecOf(spec_, x.size(1));
  const bool running = TakesStatistics(norm);
  return kernel_norm_->Normalize(norm, {.x = x,
                                        .gamma = block.gamma,
                                        .beta = block.beta,
                                        .mean = running ? Together(block.mean) : Tensor(),
                                        .variance = running ? Together(block.variance) : Tensor()});
}

void Network::InferWith(std::unique_ptr<const NormKernel> kernel) {
  kernel_norm_ = std::make_shared<KernelNorm>(std::move(kernel));
  norm_bytes_ = 0;
  int64_t side = spec_.image_side;
  for (size_t i = 0; i < spec_.channels.size(); ++i) {
    side = SideAfter(spec_, i, side);
    const Shape sample = Shape::Create({{1, spec_.channels[i], side, side}}).value();
    norm_bytes_ = std::max(norm_bytes_,
                           kernel_norm_->SampleBytes(NormSpecOf(spec_, spec_.channels[i]), sample));
  }
}

Tensor Network::Infer(const Tensor& images) const {
  const c10::InferenceMode guard;
  Tensor x = images;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    x = at::relu(InferNorm(blocks_[i], Convolve(i, x)));
  }
  return Classify(x);
}

Network Network::Folded() const {
  const torch::NoGradGuard guard;
  Network folded = *this;
  folded.spec_.norm.reset();
  folded.kernel_norm_.reset();
  folded.norm_bytes_ = 0;
  for (Block& block : folded.blocks_) {
    // In float64: the fold itself adds one rounding to each weight, not several.
    const Tensor mean = Together(block.mean).to(torch::kDouble);
    const Tensor scale = block.gamma.to(torch::kDouble) /
                         torch::sqrt(Together(block.variance).to(torch::kDouble) + spec_.eps);
    const torch::ScalarType type = block.kernel.scalar_type();
    block.kernel = (block.kernel.to(torch::kDouble) * scale.view({-1, 1, 1, 1})).to(type);
    block.beta = (block.beta.to(torch::kDouble) - mean * scale).to(type);
    block.gamma = block.mean = block.variance = Tensor();
  }
  return folded;
}

int64_t Network::InferBytes(int64_t batch) const {
  int64_t side = spec_.image_side;
  int64_t before = spec_.image_channels * side * side;
  int64_t most = 0, kernel = 0;
  for (size_t i = 0; i < spec_.channels.size(); ++i) {
    side = SideAfter(spec_, i, side);
    const int64_t after = spec_.channels[i] * side * side;
    // The results of convolution, norm and ReLU while the input is still held; and the convolution
    // may copy its input, result and weights into the order that its library wants.
    most = std::max(most, 2 * before + 4 * after);
    kernel = std::max(kernel, blocks_[i].kernel.numel());
    before = after;
  }
  return (batch * most + kernel) * static_cast<int64_t>(sizeof(float)) + batch * norm_bytes_;
}

absl::Status Network::Save(const std::string& path) const {
  return BehindTorchWall([&] {
    Network copy = *this;  // tensors are shared, the statistics of the workers become one
    torch::serialize::OutputArchive archive;
    for (Block& block : copy.blocks_) {
      if (spec_.norm != Method::kBatch) break;
      block.mean = Together(block.mean).unsqueeze(0);
      block.variance = Together(block.variance).unsqueeze(0);
    }
    for (const NamedTensor& named : copy.Tensors()) {
      archive.write(named.name, named.tensor->detach().cpu());
    }
    archive.save_to(path);
    return absl::OkStatus();
  });
}

absl::StatusOr<Network> Network::Load(const NetSpec& spec, const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": there is no such file"));
  }
  Network network(spec, 0);
  const absl::Status status = BehindTorchWall([&]() -> absl::Status {
    torch::serialize::InputArchive archive;
    archive.load_from(path);
    for (const NamedTensor& named : network.Tensors()) {
      Tensor read;
      if (!archive.try_read(named.name, read)) {
        return absl::InvalidArgumentError(absl::StrCat("tensor ", named.name, " is missing"));
      }
      const absl::Status fits = CheckRead(read, *named.tensor);
      if (!fits.ok()) {
        return absl::InvalidArgumentError(absl::StrCat("tensor ", named.name, " ", fits.message()));
      }
      *named.tensor = read;
    }
    network.SetRequiresGrad();
    return absl::OkStatus();
  });
  if (status.ok()) return network;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
}

}  // namespace normbench
