// SPDX-License-Identifier: Apache-2.0
#include "server/backends/builtin.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backends/warm_up.h"
#include "server/kernels/native_kernel.h"
#include "server/kernels/torch_wall.h"
#include "server/nets/net_spec.h"
#include "server/nets/network.h"

namespace normbench {
namespace {

// Names and batch are those that normbench-train writes.
constexpr int kDefaultBatch = 64;

class BuiltinModel : public Model {
 public:
  BuiltinModel(Network network, torch::Device device)
      : network_(std::move(network)), device_(device) {}

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    const NetSpec& net = network_.spec();
    const TensorIn& input = inputs[0];
    const int64_t sample = net.image_channels * net.image_side * net.image_side;
    const int64_t batch = input.shape.empty() ? 0 : input.shape[0];
    // Checked by the caller; a mistake there must not become a read out of bounds here.
    if (batch < 1 || input.bytes != static_cast<size_t>(batch * sample) * sizeof(float)) {
      return absl::InvalidArgumentError(absl::StrCat("the input has ", input.bytes, " bytes, ",
                                                     batch, " images have ", batch * sample * 4));
    }
    std::byte* const memory =
        allocate(0, {batch, net.classes}, static_cast<size_t>(batch * net.classes) * sizeof(float));
    if (memory == nullptr) return absl::ResourceExhaustedError("no memory for the logits");
    return BehindTorchWall([&] {
      Run(input, reinterpret_cast<float*>(memory));
      return absl::OkStatus();
    });
  }

  int64_t WorkspaceBytes(int64_t batch) const override { return network_.InferBytes(batch); }
  std::vector<MemoryPoint> MeasuredMemory() const override { return measured_.points; }

  // What the warm-up has seen. Before any request.
  void set_measured(const Workspace& measured) { measured_ = measured; }

 private:
  void Run(const TensorIn& input, float* out) const {
    const c10::InferenceMode guard;
    const NetSpec& net = network_.spec();
    const int64_t batch = input.shape[0];
    // from_blob wants a mutable pointer and nothing here writes through it.
    auto* const data = const_cast<std::byte*>(input.data);
    const torch::Tensor images =
        torch::from_blob(data, {batch, net.image_channels, net.image_side, net.image_side});
    torch::Tensor logits = torch::from_blob(out, {batch, net.classes});
    logits.copy_(network_.Infer(images.to(device_)));
  }

  Network network_;
  torch::Device device_;
  Workspace measured_;
};

std::string DimsText(const std::vector<int64_t>& dims) {
  return absl::StrCat("[", absl::StrJoin(dims, ", "), "]");
}

absl::Status CheckTensor(const std::vector<TensorSpec>& tensors, const std::string& what,
                         const std::vector<int64_t>& dims) {
  const std::string wanted = absl::StrCat(" FP32 ", DimsText(dims));
  if (tensors.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": ", tensors.size(), " tensors; the network has one,", wanted));
  }
  const TensorSpec& tensor = tensors[0];
  if (tensor.datatype == "FP32" && tensor.dims == dims) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " ", tensor.name, " is ", tensor.datatype,
                                                 " ", DimsText(tensor.dims), "; the network's is",
                                                 wanted));
}

absl::Status CheckTensors(const ModelSpec& spec, const NetSpec& net) {
  if (spec.max_batch_size < 1) {
    return absl::InvalidArgumentError(absl::StrCat("max_batch_size is ", spec.max_batch_size,
                                                   "; backend builtin needs at least 1"));
  }
  const absl::Status status =
      CheckTensor(spec.inputs, "input", {net.image_channels, net.image_side, net.image_side});
  if (!status.ok()) return status;
  return CheckTensor(spec.outputs, "output", {net.classes});
}

// Before the warm-up at the largest batch takes that memory.
absl::Status CheckMemory(const Model& model, const ModelSpec& spec, const NetSpec& net,
                         int64_t max_request_bytes) {
  const int64_t tensors = net.image_channels * net.image_side * net.image_side + net.classes;
  const int64_t fixed = model.WorkspaceBytes(0);
  const int64_t sample =
      tensors * static_cast<int64_t>(sizeof(float)) + model.WorkspaceBytes(1) - fixed;
  const int64_t needed = fixed + spec.max_batch_size * sample;
  if (needed <= max_request_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("max_batch_size: ", spec.max_batch_size, " needs ", needed,
                   " bytes; allowed: 1 .. ", (max_request_bytes - fixed) / sample, " within the ",
                   max_request_bytes, " bytes that requests share"));
}

// The implementation that the configuration asks for; null: LibTorch's operators.
absl::StatusOr<std::unique_ptr<NormKernel>> KernelFor(const NetSpec& net,
                                                      const std::string& device) {
  if (net.norm_impl == NormImpl::kTorch) return nullptr;
  if (device != "cpu") {
    return absl::FailedPreconditionError(absl::StrCat("parameters: norm_impl: 'native' on device ",
                                                      device, "; allowed there: torch"));
  }
  // A worker computes with one thread, so the kernel needs no helpers.
  auto kernel = MakeNativeKernel({.threads = 1, .norm = {}});
  if (kernel.ok()) return kernel;
  return absl::Status(kernel.status().code(),
                      absl::StrCat("parameters: norm_impl: 'native': ", kernel.status().message()));
}

absl::StatusOr<Network> LoadNetwork(const ModelSpec& spec, const NetSpec& net,
                                    const std::string& device) {
  auto kernel = KernelFor(net, device);
  if (!kernel.ok()) return kernel.status();
  const std::string file = spec.model_file.empty() ? "weights.pt" : spec.model_file;
  absl::StatusOr<Network> network =
      Network::Load(net, absl::StrCat(spec.version_folder, "/", file));
  if (network.ok() && *kernel != nullptr) network->InferWith(*std::move(kernel));
  return network;
}

absl::StatusOr<std::unique_ptr<BuiltinModel>> MakeModel(Network network,
                                                        const std::string& device_name) {
  std::unique_ptr<BuiltinModel> model;
  const absl::Status status = BehindTorchWall([&] {
    const torch::Device device(device_name);
    if (network.spec().stats == StatsSource::kFolded) network = network.Folded();
    network.To(device, torch::kFloat);
    model = std::make_unique<BuiltinModel>(std::move(network), device);
    return absl::OkStatus();
  });
  if (status.ok()) return model;
  return absl::FailedPreconditionError(
      absl::StrCat("device ", device_name, ": ", status.message()));
}

absl::StatusOr<std::unique_ptr<Model>> LoadModel(const ModelSpec& spec, int64_t max_request_bytes) {
  const absl::StatusOr<NetSpec> net = ParseNetSpec(spec.parameters);
  if (!net.ok()) return net.status();
  absl::Status status = CheckTensors(spec, *net);
  if (!status.ok()) return status;
  const std::string device = spec.device.empty() ? "cpu" : spec.device;
  absl::StatusOr<Network> network = LoadNetwork(spec, *net, device);
  if (!network.ok()) return network.status();
  auto model = MakeModel(*std::move(network), device);
  if (!model.ok()) return model.status();
  status = CheckMemory(**model, spec, *net, max_request_bytes);
  if (!status.ok()) return status;
  const absl::StatusOr<Workspace> measured = WarmUp(**model, spec, max_request_bytes);
  if (!measured.ok()) return measured.status();
  (*model)->set_measured(*measured);
  return *std::move(model);
}

absl::Status CompleteSpec(ModelSpec& spec) {
  const absl::StatusOr<NetSpec> net = ParseNetSpec(spec.parameters);
  if (!net.ok()) return net.status();
  // Dims that are given are given with or without a batch dimension: then 0 means without.
  const bool nothing_given = spec.inputs.empty() && spec.outputs.empty();
  if (nothing_given && spec.max_batch_size == 0) spec.max_batch_size = kDefaultBatch;
  if (spec.inputs.empty()) {
    spec.inputs = {{"image", "FP32", {net->image_channels, net->image_side, net->image_side}}};
  }
  if (spec.outputs.empty()) spec.outputs = {{"logits", "FP32", {net->classes}}};
  return absl::OkStatus();
}

class BuiltinBackend : public Backend {
 public:
  explicit BuiltinBackend(int64_t max_request_bytes) : max_request_bytes_(max_request_bytes) {}

  std::string name() const override { return "builtin"; }

  absl::Status Complete(ModelSpec& spec) const override { return CompleteSpec(spec); }

  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    absl::StatusOr<std::unique_ptr<Model>> model = LoadModel(spec, max_request_bytes_);
    if (model.ok()) return model;
    return absl::Status(model.status().code(),
                        absl::StrCat("model ", spec.name, ": ", model.status().message()));
  }

 private:
  const int64_t max_request_bytes_;
};

}  // namespace

std::unique_ptr<Backend> MakeBuiltinBackend(int64_t max_request_bytes) {
  return std::make_unique<BuiltinBackend>(max_request_bytes);
}

}  // namespace normbench
