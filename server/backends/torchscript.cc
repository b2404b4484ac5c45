// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torchscript.h"

#include <torch/script.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/backends/reordered.h"
#include "server/backends/script_outputs.h"
#include "server/backends/script_state.h"
#include "server/backends/torch_spec.h"
#include "server/backends/torch_tensors.h"
#include "server/backends/warm_up.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

class TorchScriptModel : public Model {
 public:
  TorchScriptModel(torch::jit::Module module, const ModelSpec& spec, at::Device device)
      : module_(std::move(module)),
        spec_(spec),
        device_(device),
        keeps_state_(KeepsState(module_)) {}

  bool keeps_state() const override { return keeps_state_; }
  int64_t WorkspaceBytes(int64_t batch) const override { return workspace_.of(batch); }
  std::vector<MemoryPoint> MeasuredMemory() const override { return workspace_.points; }

  // What the warm-up has seen. Before any request.
  void set_workspace(const Workspace& workspace) { workspace_ = workspace; }

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    // One after the other: attributes have no locks.
    const absl::MutexLockMaybe lock(keeps_state_ ? &state_mutex_ : nullptr);
    return BehindTorchWall([&] {
      const c10::InferenceMode guard;
      std::vector<c10::IValue> arguments;
      for (const TensorIn& input : inputs) {
        // What is kept of an input outlives the caller's memory.
        arguments.emplace_back(TensorOf(input, device_, /*copy=*/keeps_state_));
      }
      // Copies share the weights; forward is not const only because a module may keep state.
      torch::jit::Module module = module_;
      const absl::StatusOr<std::vector<at::Tensor>> outputs =
          ScriptOutputs(module.forward(std::move(arguments)), spec_.outputs);
      if (!outputs.ok()) return outputs.status();
      return Answer(*outputs, spec_, BatchOf(spec_, inputs), allocate);
    });
  }

 private:
  const torch::jit::Module module_;
  const ModelSpec spec_;
  const at::Device device_;
  const bool keeps_state_;
  absl::Mutex state_mutex_;
  Workspace workspace_;
};

absl::StatusOr<torch::jit::Module> Read(const std::string& path, at::Device device) {
  std::optional<torch::jit::Module> module;
  const absl::Status status = BehindTorchWall([&] {
    module = torch::jit::load(path, device);
    module->eval();
    return absl::OkStatus();
  });
  if (status.ok()) return *std::move(module);
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": no TorchScript module: ", status.message()));
}

// `self` is one of the schema's arguments.
absl::Status CheckArguments(const torch::jit::Module& module, const ModelSpec& spec) {
  const std::optional<torch::jit::Method> forward = module.find_method("forward");
  if (!forward.has_value()) return absl::InvalidArgumentError("the module has no forward()");
  const std::vector<c10::Argument>& arguments = forward->function().getSchema().arguments();
  size_t required = 0;
  for (const c10::Argument& argument : arguments) required += !argument.default_value().has_value();
  const size_t given = spec.inputs.size() + 1;
  if (given >= required && given <= arguments.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("forward() takes ", arguments.size() - 1,
                                                 " inputs; the configuration has ",
                                                 spec.inputs.size()));
}

// Of forward(), without self.
std::vector<std::string> ArgumentNames(const torch::jit::Module& module) {
  std::vector<std::string> names;
  const torch::jit::Method forward = module.get_method("forward");
  for (const c10::Argument& argument : forward.function().getSchema().arguments()) {
    names.push_back(argument.name());
  }
  names.erase(names.begin());
  return names;
}

absl::StatusOr<std::unique_ptr<Model>> WarmModel(torch::jit::Module module, const ModelSpec& spec,
                                                 int64_t max_request_bytes) {
  auto model = std::make_unique<TorchScriptModel>(std::move(module), spec, DeviceOf(spec));
  const absl::StatusOr<Workspace> workspace = WarmUp(*model, spec, max_request_bytes);
  if (!workspace.ok()) return workspace.status();
  model->set_workspace(*workspace);
  return model;
}

absl::StatusOr<std::unique_ptr<Model>> LoadModel(const ModelSpec& spec, int64_t max_request_bytes) {
  absl::Status status = CheckTorchSpec(spec);
  if (!status.ok()) return status;
  const absl::StatusOr<std::string> path = ModelPath(spec, "model.pt");
  if (!path.ok()) return path.status();
  absl::StatusOr<torch::jit::Module> module = Read(*path, DeviceOf(spec));
  if (!module.ok()) return module.status();
  absl::StatusOr<TensorOrder> order = absl::InternalError("not read");
  status = BehindTorchWall([&] {
    if (absl::Status arguments = CheckArguments(*module, spec); !arguments.ok()) return arguments;
    order = OrderOf(spec, ArgumentNames(*module));
    return order.status();
  });
  if (!status.ok()) return status;
  auto model = WarmModel(*std::move(module), InOrder(spec, *order), max_request_bytes);
  if (!model.ok()) return model.status();
  return Reordered(*std::move(model), *order);
}

class TorchScriptBackend : public Backend {
 public:
  explicit TorchScriptBackend(int64_t max_request_bytes) : max_request_bytes_(max_request_bytes) {}

  std::string name() const override { return "torchscript"; }

  absl::Status Complete(ModelSpec& spec) const override {
    return CheckTensorsGiven(spec, "a TorchScript module");
  }

  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    return Named(spec, LoadModel(spec, max_request_bytes_));
  }

 private:
  const int64_t max_request_bytes_;
};

}  // namespace

std::unique_ptr<Backend> MakeTorchScriptBackend(int64_t max_request_bytes) {
  return std::make_unique<TorchScriptBackend>(max_request_bytes);
}

}  // namespace normbench
