// SPDX-License-Identifier: Apache-2.0
// Serialised requests: the small fields by protobuf, the tensor by reference, so that 10,000 images
// in requests of any size are in memory once.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <span>

namespace normbench {

// `rest`, then bytes field `number` with `tensor`, which must outlive the result. Protobuf parsers
// take fields in any order.
grpc::ByteBuffer WithTensor(const google::protobuf::MessageLite& rest, int number,
                            std::span<const std::byte> tensor);

}  // namespace normbench
