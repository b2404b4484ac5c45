// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torchscript.h"

#include <torch/script.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "server/backends/script_outputs.h"
#include "server/backends/script_state.h"
#include "server/backends/torch_datatype.h"
#include "server/backends/warm_up.h"
#include "server/kernels/torch_runtime.h"
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
      for (const TensorIn& input : inputs) arguments.emplace_back(View(input));
      // Copies share the weights; forward is not const only because a module may keep state.
      torch::jit::Module module = module_;
      const absl::StatusOr<std::vector<at::Tensor>> outputs =
          ScriptOutputs(module.forward(std::move(arguments)), spec_.outputs);
      if (!outputs.ok()) return outputs.status();
      return Answer(*outputs, BatchOf(inputs), allocate);
    });
  }

 private:
  at::Tensor View(const TensorIn& input) const {
    // from_blob wants a mutable pointer; a module that writes to its input breaks only its own.
    auto* const data = const_cast<std::byte*>(input.data);
    const at::Tensor view =
        at::from_blob(data, input.shape, at::TensorOptions().dtype(*TorchTypeOf(input.datatype)));
    // What is kept of an input outlives the caller's memory.
    return view.to(device_, view.scalar_type(), /*non_blocking=*/false, /*copy=*/keeps_state_);
  }

  // 0: there is no batch dimension.
  int64_t BatchOf(std::span<const TensorIn> inputs) const {
    return spec_.max_batch_size > 0 ? inputs[0].shape[0] : 0;
  }

  absl::Status Answer(const std::vector<at::Tensor>& outputs, int64_t batch,
                      const AllocateOutput& allocate) const {
    for (size_t i = 0; i < outputs.size(); ++i) {
      absl::Status status = CheckScriptOutput(outputs[i], spec_.outputs[i], batch);
      if (!status.ok()) return status;
      std::byte* const memory =
          allocate(static_cast<int>(i), outputs[i].sizes().vec(), outputs[i].nbytes());
      if (memory == nullptr) return absl::ResourceExhaustedError("no memory for the outputs");
      at::from_blob(memory, outputs[i].sizes(), outputs[i].options().device(at::kCPU))
          .copy_(outputs[i]);
    }
    return absl::OkStatus();
  }

  const torch::jit::Module module_;
  const ModelSpec spec_;
  const at::Device device_;
  const bool keeps_state_;
  absl::Mutex state_mutex_;
  Workspace workspace_;
};

absl::StatusOr<torch::jit::Module> Read(const std::string& path, at::Device device) {
  std::error_code error;
  // Opening a pipe would wait for ever.
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
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

absl::StatusOr<std::unique_ptr<Model>> LoadModel(const ModelSpec& spec, int64_t max_request_bytes) {
  absl::Status status = CheckTorchTypes(spec.inputs, "input");
  if (status.ok()) status = CheckTorchTypes(spec.outputs, "output");
  if (!status.ok()) return status;
  const std::string device = spec.device.empty() ? "cpu" : spec.device;
  const std::vector<std::string> here = TorchDevices();
  if (std::ranges::find(here, device) == here.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat("device: ", device, " is not here; allowed: ", absl::StrJoin(here, ", ")));
  }
  const std::string file = spec.model_file.empty() ? "model.pt" : spec.model_file;
  absl::StatusOr<torch::jit::Module> module = Read(spec.version_folder + "/" + file, device);
  if (!module.ok()) return module.status();
  status = BehindTorchWall([&] { return CheckArguments(*module, spec); });
  if (!status.ok()) return status;
  auto model = std::make_unique<TorchScriptModel>(*std::move(module), spec, device);
  const absl::StatusOr<Workspace> workspace = WarmUp(*model, spec, max_request_bytes);
  if (!workspace.ok()) return workspace.status();
  model->set_workspace(*workspace);
  return model;
}

class TorchScriptBackend : public Backend {
 public:
  explicit TorchScriptBackend(int64_t max_request_bytes) : max_request_bytes_(max_request_bytes) {}

  std::string name() const override { return "torchscript"; }

  absl::Status Complete(ModelSpec& spec) const override {
    if (!spec.inputs.empty() && !spec.outputs.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(spec.inputs.empty() ? "input" : "output",
                     ": missing; a TorchScript module does not tell its shapes"));
  }

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

std::unique_ptr<Backend> MakeTorchScriptBackend(int64_t max_request_bytes) {
  return std::make_unique<TorchScriptBackend>(max_request_bytes);
}

}  // namespace normbench
