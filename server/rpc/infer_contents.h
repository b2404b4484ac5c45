// SPDX-License-Identifier: Apache-2.0
// The bytes of tensors: values of InferTensorContents as they lie in memory, and the elements of a
// BYTES tensor, each with its length in front (little-endian). `field` is how messages
// call the tensor, for example "inputs[0] 'x'".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"

namespace normbench {

inline constexpr size_t kElementLengthBytes = 4;

// Returns how many bytes PackTyped writes. INVALID_ARGUMENT unless `contents` are `elements` values
// in the field of `datatype`, each within its range, and nothing else; FP16 and BF16 have no field.
absl::StatusOr<size_t> TypedBytes(const std::string& field,
                                  const inference::InferTensorContents& contents,
                                  std::string_view datatype, int64_t elements);

// REQUIRES: TypedBytes(...).ok(), and so much room.
void PackTyped(const inference::InferTensorContents& contents, std::string_view datatype,
               std::byte* to);

// Returns INVALID_ARGUMENT unless `bytes` are `elements` elements of a BYTES tensor, to the last
// byte.
absl::Status CheckByteElements(const std::string& field, std::span<const std::byte> bytes,
                               int64_t elements);

}  // namespace normbench
