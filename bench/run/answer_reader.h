// SPDX-License-Identifier: Apache-2.0
// Finds the tensor bytes of an answer without parsing it: a walk over the top-level fields of the
// serialised message. Only those bytes are compared between answers, because the other fields carry
// timings that differ from call to call.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

// The values of all length-delimited fields `number` in a serialised message, in order, appended to
// `found`. Returns false if the bytes are no message.
bool FindFields(std::span<const std::byte> message, int number,
                std::vector<std::span<const std::byte>>* found);

// One per slot: keeps its memory from answer to answer. Not thread-safe.
class AnswerReader {
 public:
  // Bytes of field `number` of `answer`; several of them are joined. Valid until the next call.
  // Returns INTERNAL if the answer is malformed or has no such field.
  absl::StatusOr<std::span<const std::byte>> Read(const grpc::ByteBuffer& answer, int number);

  // All bytes of the answer that was read last; valid as long.
  std::span<const std::byte> message() const { return message_; }

 private:
  std::span<const std::byte> Flat(const grpc::ByteBuffer& answer);

  std::span<const std::byte> message_;
  std::vector<grpc::Slice> slices_;
  std::vector<std::byte> gathered_;
  std::vector<std::byte> joined_;
  std::vector<std::span<const std::byte>> fields_;
};

}  // namespace normbench
