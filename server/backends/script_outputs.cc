// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_outputs.h"

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

using Tensors = std::vector<at::Tensor>;

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

}  // namespace

absl::StatusOr<Tensors> ScriptOutputs(const c10::IValue& value,
                                      const std::vector<TensorSpec>& outputs) {
  if (value.isTensor()) return Tensors{value.toTensor()};
  if (value.isTensorList()) return value.toTensorVector();
  if (value.isTuple()) return OfTuple(value);
  if (value.isGenericDict()) return OfDictionary(value, outputs);
  return absl::InternalError(absl::StrCat("forward() returned ", value.tagKind(),
                                          "; allowed: tensors in a tuple, list or dictionary"));
}

}  // namespace normbench
