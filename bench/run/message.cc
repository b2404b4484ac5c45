// SPDX-License-Identifier: Apache-2.0
#include "bench/run/message.h"

#include <grpcpp/support/slice.h>

#include <array>
#include <cstdint>
#include <string>

namespace normbench {
namespace {

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

}  // namespace

grpc::ByteBuffer WithTensor(const google::protobuf::MessageLite& rest, int number,
                            std::span<const std::byte> tensor) {
  constexpr uint64_t kLengthDelimited = 2;
  std::string head = rest.SerializeAsString();
  AppendVarint((static_cast<uint64_t>(number) << 3) | kLengthDelimited, &head);
  AppendVarint(tensor.size(), &head);
  const std::array slices = {
      grpc::Slice(head),
      grpc::Slice(tensor.data(), tensor.size(), grpc::Slice::STATIC_SLICE),
  };
  return {slices.data(), slices.size()};
}

}  // namespace normbench
