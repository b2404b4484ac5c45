// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_tensors.h"

#include <ATen/ATen.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backends/torch_datatype.h"

namespace normbench {
namespace {

std::string ShapeText(at::IntArrayRef shape) {
  return absl::StrCat("[", absl::StrJoin(shape.begin(), shape.end(), ", "), "]");
}

}  // namespace

at::Tensor TensorOf(const TensorIn& input, at::Device device, bool copy) {
  // from_blob wants a mutable pointer; a model that writes to its input breaks only its own.
  auto* const data = const_cast<std::byte*>(input.data);
  const at::Tensor view =
      at::from_blob(data, input.shape, at::TensorOptions().dtype(*TorchTypeOf(input.datatype)));
  return view.to(device, view.scalar_type(), /*non_blocking=*/false, copy);
}

int64_t BatchOf(const ModelSpec& spec, std::span<const TensorIn> inputs) {
  return spec.max_batch_size > 0 ? inputs[0].shape[0] : 0;
}

absl::Status CheckOutput(const at::Tensor& tensor, const TensorSpec& wanted, int64_t batch) {
  std::vector<int64_t> shape = wanted.dims;
  if (batch > 0) shape.insert(shape.begin(), batch);
  bool same = tensor.scalar_type() == TorchTypeOf(wanted.datatype) &&
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

absl::Status Answer(const std::vector<at::Tensor>& outputs, const ModelSpec& spec, int64_t batch,
                    const AllocateOutput& allocate) {
  if (outputs.size() != spec.outputs.size()) {
    return absl::InternalError(absl::StrCat("the module answered with ", outputs.size(),
                                            " tensors; its configuration has ", spec.outputs.size(),
                                            " outputs"));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    absl::Status status = CheckOutput(outputs[i], spec.outputs[i], batch);
    if (!status.ok()) return status;
    std::byte* const memory =
        allocate(static_cast<int>(i), outputs[i].sizes().vec(), outputs[i].nbytes());
    if (memory == nullptr) return absl::ResourceExhaustedError("no memory for the outputs");
    at::from_blob(memory, outputs[i].sizes(), outputs[i].options().device(at::kCPU))
        .copy_(outputs[i]);
  }
  return absl::OkStatus();
}

}  // namespace normbench
