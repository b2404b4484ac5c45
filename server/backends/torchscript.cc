// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torchscript.h"

#include <torch/script.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/kernels/torch_memory.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

struct TypeName {
  std::string_view datatype;
  at::ScalarType type;
};

constexpr std::array<TypeName, 10> kTypes = {{{"BOOL", at::kBool},
                                              {"UINT8", at::kByte},
                                              {"INT8", at::kChar},
                                              {"INT16", at::kShort},
                                              {"INT32", at::kInt},
                                              {"INT64", at::kLong},
                                              {"FP16", at::kHalf},
                                              {"BF16", at::kBFloat16},
                                              {"FP32", at::kFloat},
                                              {"FP64", at::kDouble}}};

std::optional<at::ScalarType> TypeOf(std::string_view datatype) {
  for (const TypeName& row : kTypes) {
    if (row.datatype == datatype) return row.type;
  }
  return std::nullopt;
}

absl::Status CheckTypes(const std::vector<TensorSpec>& tensors, const char* what) {
  for (const TensorSpec& tensor : tensors) {
    if (TypeOf(tensor.datatype).has_value()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(what, " ", tensor.name, ": ", tensor.datatype, "; torchscript takes ",
                     absl::StrJoin(kTypes, ", ", [](std::string* out, const TypeName& row) {
                       absl::StrAppend(out, std::string(row.datatype));
                     })));
  }
  return absl::OkStatus();
}

std::string ShapeText(at::IntArrayRef shape) {
  return absl::StrCat("[", absl::StrJoin(shape.begin(), shape.end(), ", "), "]");
}

// What forward() returned, in the order of the outputs.
absl::StatusOr<std::vector<at::Tensor>> Unpack(const c10::IValue& value,
                                               const std::vector<TensorSpec>& outputs) {
  if (value.isTensor()) return std::vector<at::Tensor>{value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  std::vector<at::Tensor> tensors;
  if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) {
      if (element.isTensor()) tensors.push_back(element.toTensor());
    }
    return tensors;
  }
  if (!value.isGenericDict()) {
    return absl::InternalError(absl::StrCat("forward() returned ", value.tagKind(),
                                            "; allowed: tensors in a tuple, list or dictionary"));
  }
  const c10::Dict<c10::IValue, c10::IValue> dictionary = value.toGenericDict();
  for (const TensorSpec& output : outputs) {
    const auto found = dictionary.find(output.name);
    if (found != dictionary.end() && found->value().isTensor()) {
      tensors.push_back(found->value().toTensor());
    }
  }
  return tensors;
}

class TorchScriptModel : public Model {
 public:
  TorchScriptModel(torch::jit::Module module, const ModelSpec& spec, at::Device device)
      : module_(std::move(module)), spec_(spec), device_(device) {}

  int64_t WorkspaceBytes(int64_t batch) const override {
    return workspace_fixed_ + batch * workspace_per_sample_;
  }

  // What the warm-up has seen. Before any request.
  void SetWorkspace(int64_t fixed, int64_t per_sample) {
    workspace_fixed_ = fixed;
    workspace_per_sample_ = per_sample;
  }

  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    return BehindTorchWall([&] {
      const c10::InferenceMode guard;
      std::vector<c10::IValue> arguments;
      for (const TensorIn& input : inputs) arguments.emplace_back(View(input));
      // Copies share the weights; forward is not const only because a module may keep state.
      torch::jit::Module module = module_;
      const absl::StatusOr<std::vector<at::Tensor>> outputs =
          Unpack(module.forward(std::move(arguments)), spec_.outputs);
      if (!outputs.ok()) return outputs.status();
      return Answer(*outputs, BatchOf(inputs), allocate);
    });
  }

 private:
  at::Tensor View(const TensorIn& input) const {
    // from_blob wants a mutable pointer; a module that writes to its input breaks only its own.
    auto* const data = const_cast<std::byte*>(input.data);
    return at::from_blob(data, input.shape, at::TensorOptions().dtype(*TypeOf(input.datatype)))
        .to(device_);
  }

  // 0: there is no batch dimension.
  int64_t BatchOf(std::span<const TensorIn> inputs) const {
    return spec_.max_batch_size > 0 ? inputs[0].shape[0] : 0;
  }

  absl::Status Check(const at::Tensor& tensor, const TensorSpec& wanted, int64_t batch) const {
    std::vector<int64_t> shape = wanted.dims;
    if (batch > 0) shape.insert(shape.begin(), batch);
    bool same = tensor.scalar_type() == *TypeOf(wanted.datatype) &&
                tensor.dim() == static_cast<int64_t>(shape.size());
    for (size_t i = 0; same && i < shape.size(); ++i) {
      same = shape[i] == -1 || tensor.size(static_cast<int64_t>(i)) == shape[i];
    }
    if (same) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("the module answered output ", wanted.name, " with ",
                                            c10::toString(tensor.scalar_type()), " ",
                                            ShapeText(tensor.sizes()), "; its configuration says ",
                                            wanted.datatype, " ", ShapeText(shape)));
  }

  absl::Status Answer(const std::vector<at::Tensor>& outputs, int64_t batch,
                      const AllocateOutput& allocate) const {
    if (outputs.size() != spec_.outputs.size()) {
      return absl::InternalError(absl::StrCat("the module answered with ", outputs.size(),
                                              " tensors; its configuration has ",
                                              spec_.outputs.size(), " outputs"));
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (absl::Status status = Check(outputs[i], spec_.outputs[i], batch); !status.ok()) {
        return status;
      }
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
  int64_t workspace_fixed_ = 0;
  int64_t workspace_per_sample_ = 0;
};

// Inputs of zeros for one request, and what its tensors take.
struct Zeros {
  Zeros(const ModelSpec& spec, int64_t batch) {
    for (const TensorSpec& input : spec.inputs) {
      std::vector<int64_t> shape = input.dims;
      for (int64_t& dim : shape) dim = std::max<int64_t>(1, dim);
      if (spec.max_batch_size > 0) shape.insert(shape.begin(), batch);
      size_t bytes = c10::elementSize(*TypeOf(input.datatype));
      for (const int64_t dim : shape) bytes *= static_cast<size_t>(dim);
      memory.emplace_back(bytes);
      inputs.push_back({input.datatype, shape, memory.back().data(), bytes});
      total += static_cast<int64_t>(bytes);
    }
  }

  std::vector<std::vector<std::byte>> memory;
  std::vector<TensorIn> inputs;
  int64_t total = 0;
};

// Runs zeros three times: the first calls at a shape pay for the JIT and LibTorch's caches, and
// show whether module and configuration agree. Returns the most that LibTorch held at once.
absl::StatusOr<int64_t> WarmUp(Model& model, const ModelSpec& spec, int64_t batch) {
  const Zeros zeros(spec, batch);
  int64_t peak = 0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::vector<std::vector<std::byte>> outputs(spec.outputs.size());
    absl::Status status;
    const int64_t bytes = PeakTorchBytes([&] {
      status = model.Infer(zeros.inputs, [&](int index, const std::vector<int64_t>&, size_t size) {
        outputs[static_cast<size_t>(index)].resize(size);
        return outputs[static_cast<size_t>(index)].data();
      });
    });
    peak = std::max(peak, bytes);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("on zeros, batch ", batch, ": ", status.message()));
    }
  }
  return peak;
}

// Warms the model at both ends of its batches and takes what lies between them as a straight line.
absl::Status WarmUp(TorchScriptModel& model, const ModelSpec& spec, int64_t max_request_bytes) {
  const absl::StatusOr<int64_t> one = WarmUp(model, spec, 1);
  if (!one.ok()) return one.status();
  const int64_t most = std::max(1, spec.max_batch_size);
  const int64_t needed = most * (*one + Zeros(spec, 1).total);  // before that memory is taken
  if (needed > max_request_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_batch_size: ", spec.max_batch_size, " needs about ", needed,
                     " bytes; allowed: ", max_request_bytes, " bytes, which requests share"));
  }
  const absl::StatusOr<int64_t> all = WarmUp(model, spec, most);
  if (!all.ok()) return all.status();
  const int64_t per_sample = most == 1 ? *one : std::max<int64_t>(0, *all - *one) / (most - 1);
  model.SetWorkspace(std::max<int64_t>(0, *one - per_sample), per_sample);
  return absl::OkStatus();
}

absl::StatusOr<torch::jit::Module> Read(const std::string& path, at::Device device) {
  if (!std::filesystem::exists(path)) {
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
  absl::Status status = CheckTypes(spec.inputs, "input");
  if (status.ok()) status = CheckTypes(spec.outputs, "output");
  if (!status.ok()) return status;
  std::optional<at::Device> device;
  status = BehindTorchWall([&] {
    device.emplace(spec.device.empty() ? "cpu" : spec.device);
    return absl::OkStatus();
  });
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("device ", spec.device, ": ", status.message()));
  }
  absl::StatusOr<torch::jit::Module> module = Read(spec.version_folder + "/model.pt", *device);
  if (!module.ok()) return module.status();
  status = CheckArguments(*module, spec);
  if (!status.ok()) return status;
  auto model = std::make_unique<TorchScriptModel>(*std::move(module), spec, *device);
  status = WarmUp(*model, spec, max_request_bytes);
  if (!status.ok()) return status;
  return model;
}

class TorchScriptBackend : public Backend {
 public:
  explicit TorchScriptBackend(int64_t max_request_bytes) : max_request_bytes_(max_request_bytes) {}

  std::string name() const override { return "torchscript"; }

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
