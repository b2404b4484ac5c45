// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_datatype.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

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

}  // namespace

std::optional<at::ScalarType> TorchTypeOf(std::string_view datatype) {
  for (const TypeName& row : kTypes) {
    if (row.datatype == datatype) return row.type;
  }
  return std::nullopt;
}

absl::Status CheckTorchTypes(const std::vector<TensorSpec>& tensors, std::string_view what) {
  for (const TensorSpec& tensor : tensors) {
    if (TorchTypeOf(tensor.datatype).has_value()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(what), " ", tensor.name, ": ", tensor.datatype, "; LibTorch takes ",
        absl::StrJoin(kTypes, ", ", [](std::string* out, const TypeName& row) {
          absl::StrAppend(out, std::string(row.datatype));
        })));
  }
  return absl::OkStatus();
}

}  // namespace normbench
