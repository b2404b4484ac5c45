// SPDX-License-Identifier: Apache-2.0
// Messages with tensors in them, without copying the tensors twice. A received message is walked at
// its top level only: the bytes fields that carry tensors stay where they arrived, everything else
// is copied together and given to the generated parser. A sent message is its small part
// serialized, then each tensor as a slice over the memory it was computed into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "server/exec/buffer_pool.h"

namespace normbench {

// Bytes within slices. Valid while the RawMessage it came from is.
class BytesView {
 public:
  BytesView() = default;
  BytesView(const grpc::Slice* first, size_t offset, size_t size)
      : first_(first), offset_(offset), size_(size) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Where all of it lies in one piece, else null.
  const uint8_t* contiguous() const;

  // This and the `more` bytes after it. REQUIRES: they are there.
  BytesView Extended(size_t more) const { return BytesView(first_, offset_, size_ + more); }

  // Copies all of it once. REQUIRES: room for size() bytes at `to`.
  void CopyTo(void* to) const;

 private:
  const grpc::Slice* first_ = nullptr;
  size_t offset_ = 0;  // in *first_
  size_t size_ = 0;
};

struct DecodeOptions {
  std::span<const int> tensor_fields;  // numbers of the bytes fields that stay in their slices
  size_t max_tensor_fields = 64;       // occurrences in one message, all fields together
  size_t max_header_bytes = size_t{1} << 20;  // everything else
};

// A received message whose tensors are still in the slices they arrived in. Movable; views stay
// valid.
class RawMessage {
 public:
  // Parses everything but the tensor fields into `header`. Returns INVALID_ARGUMENT for what the
  // generated parser would refuse, for a group or a tensor field of another wire type at the top
  // level, and over a limit of `options`. What it accepts the generated parser accepts with equal
  // content.
  static absl::StatusOr<RawMessage> Decode(const grpc::ByteBuffer& buffer,
                                           const DecodeOptions& options,
                                           google::protobuf::MessageLite& header);

  // A singular field: its last occurrence, as protobuf has it; empty if there is none.
  BytesView Last(int field) const;

  // A repeated field, in order.
  std::vector<BytesView> All(int field) const;

 private:
  struct Occurrence {
    int field;
    BytesView bytes;
  };
  std::vector<grpc::Slice> slices_;
  std::vector<Occurrence> tensors_;
};

// A message without tensors, of at most `max_bytes`. Returns INVALID_ARGUMENT as RawMessage::Decode
// does.
absl::Status DecodeWhole(const grpc::ByteBuffer& buffer, int64_t max_bytes,
                         google::protobuf::MessageLite& message);

// A tensor to send: `bytes` of `buffer` as bytes field `field`.
struct TensorField {
  int field = 0;
  Buffer buffer;
  size_t bytes = 0;
};

// `header` serialized, then `tensors` in order, uncopied: each buffer goes back to its pool when
// gRPC has sent it. A tensor of 0 bytes is written too. Returns INTERNAL if the message would be 2
// GiB or more.
absl::StatusOr<grpc::ByteBuffer> Encode(const google::protobuf::MessageLite& header,
                                        std::vector<TensorField> tensors);

}  // namespace normbench
