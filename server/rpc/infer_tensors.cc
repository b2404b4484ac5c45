// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_tensors.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/shape.h"
#include "server/repository/datatype.h"

namespace normbench {
namespace {

constexpr int64_t kMaxElements = Shape::kMaxElements;

bool IsAllowed(int64_t dim, int64_t expected) {
  return dim >= 1 && dim <= kMaxElements && (expected == -1 || dim == expected);
}

absl::Status WrongDim(const std::string& field, int64_t dim, int64_t expected) {
  const std::string range =
      expected == -1 ? absl::StrCat("1 to ", kMaxElements) : absl::StrCat(expected);
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", dim, "; allowed: ", range));
}

}  // namespace

absl::StatusOr<int64_t> CheckShape(const std::string& field, std::span<const int64_t> shape,
                                   const ModelSpec& model, const TensorSpec& tensor) {
  std::vector<int64_t> expected = tensor.dims;
  const bool batched = model.max_batch_size > 0;
  if (batched) expected.insert(expected.begin(), -1);
  if (shape.size() != expected.size()) {
    return absl::InvalidArgumentError(absl::StrCat(field, ".shape: ", shape.size(),
                                                   " dimensions; allowed: ", expected.size(), " ([",
                                                   absl::StrJoin(expected, ", "), "])"));
  }
  if (batched && (shape[0] < 1 || shape[0] > model.max_batch_size)) {
    return absl::InvalidArgumentError(absl::StrCat(field, ".shape[0]: batch of ", shape[0],
                                                   "; allowed: 1 to ", model.max_batch_size,
                                                   " (max_batch_size)"));
  }
  int64_t elements = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!IsAllowed(shape[i], expected[i])) {
      return WrongDim(absl::StrCat(field, ".shape[", i, "]"), shape[i], expected[i]);
    }
    if (elements > kMaxElements / shape[i]) {
      return absl::InvalidArgumentError(absl::StrCat(field, ".shape: [", absl::StrJoin(shape, ", "),
                                                     "] has more than ", kMaxElements,
                                                     " elements"));
    }
    elements *= shape[i];
  }
  return elements;
}

int64_t OutputBytes(const ModelSpec& model, const TensorSpec& tensor, int64_t batch) {
  int64_t bytes = WireSize(tensor.datatype) * (model.max_batch_size > 0 ? batch : 1);
  for (const int64_t dim : tensor.dims) {
    if (dim == -1) return 0;
    bytes *= dim;
  }
  return bytes;
}

}  // namespace normbench
