// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_outputs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backends/torch_datatype.h"

namespace normbench {
namespace {

using Tensors = std::vector<at::Tensor>;

std::string ShapeText(at::IntArrayRef shape) {
  return absl::StrCat("[", absl::StrJoin(shape.begin(), shape.end(), ", "), "]");
}

absl::StatusOr<Tensors> OfTuple(const c10::IValue& value) {
  Tensors tensors;
  for (const c10::IValue& element : value.toTupleRef().elements()) {
    if (!element.isTensor()) {
      return absl::InternalError(absl::StrCat("element ", tensors.size(),
                                              " of the tuple that forward() returned is ",
                                              element.tagKind(), "; allowed: Tensor"));
    }
    tensors.push_back(element.toTensor());
  }
  return tensors;
}

absl::StatusOr<Tensors> OfDictionary(const c10::IValue& value,
                                     const std::vector<TensorSpec>& outputs) {
  const c10::Dict<c10::IValue, c10::IValue> dictionary = value.toGenericDict();
  Tensors tensors;
  for (const TensorSpec& output : outputs) {
    const auto found = dictionary.find(output.name);
    if (found == dictionary.end() || !found->value().isTensor()) {
      return absl::InternalError(
          absl::StrCat("the dictionary that forward() returned has no tensor ", output.name));
    }
    tensors.push_back(found->value().toTensor());
  }
  return tensors;
}

absl::StatusOr<Tensors> Unpack(const c10::IValue& value, const std::vector<TensorSpec>& outputs) {
  if (value.isTensor()) return Tensors{value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  if (value.isTuple()) return OfTuple(value);
  if (value.isGenericDict()) return OfDictionary(value, outputs);
  return absl::InternalError(absl::StrCat("forward() returned ", value.tagKind(),
                                          "; allowed: tensors in a tuple, list or dictionary"));
}

}  // namespace

absl::StatusOr<Tensors> ScriptOutputs(const c10::IValue& value,
                                      const std::vector<TensorSpec>& outputs) {
  absl::StatusOr<Tensors> tensors = Unpack(value, outputs);
  if (!tensors.ok() || tensors->size() == outputs.size()) return tensors;
  return absl::InternalError(absl::StrCat("the module answered with ", tensors->size(),
                                          " tensors; its configuration has ", outputs.size(),
                                          " outputs"));
}

absl::Status CheckScriptOutput(const at::Tensor& tensor, const TensorSpec& wanted, int64_t batch) {
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

}  // namespace normbench
