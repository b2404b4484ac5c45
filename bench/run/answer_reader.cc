// SPDX-License-Identifier: Apache-2.0
#include "bench/run/answer_reader.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Wire types of protocol buffers: https://protobuf.dev/programming-guides/encoding
enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

std::optional<uint64_t> TakeVarint(std::span<const std::byte>* rest) {
  uint64_t value = 0;
  for (size_t i = 0; i < rest->size() && i < 10; ++i) {
    const auto byte = static_cast<uint64_t>((*rest)[i]);
    value |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      *rest = rest->subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

// Bytes of the value that follows; groups, which nobody writes any more, count as malformed.
std::optional<uint64_t> ValueSize(uint64_t wire_type, std::span<const std::byte>* rest) {
  switch (wire_type) {
    case kVarint: {
      std::span<const std::byte> after = *rest;
      if (!TakeVarint(&after)) return std::nullopt;
      return rest->size() - after.size();
    }
    case kFixed64:
      return 8;
    case kLengthDelimited:
      return TakeVarint(rest);
    case kFixed32:
      return 4;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool FindFields(std::span<const std::byte> message, int number,
                std::vector<std::span<const std::byte>>* found) {
  while (!message.empty()) {
    const auto tag = TakeVarint(&message);
    if (!tag) return false;
    const auto size = ValueSize(*tag & 7, &message);
    if (!size || *size > message.size()) return false;
    if (*tag == ((static_cast<uint64_t>(number) << 3) | kLengthDelimited)) {
      found->push_back(message.first(*size));
    }
    message = message.subspan(*size);
  }
  return true;
}

std::span<const std::byte> AnswerReader::Flat(const grpc::ByteBuffer& answer) {
  if (!answer.Dump(&slices_).ok()) slices_.clear();
  if (slices_.size() == 1) {
    return {reinterpret_cast<const std::byte*>(slices_[0].begin()), slices_[0].size()};
  }
  gathered_.clear();
  gathered_.reserve(answer.Length());
  for (const grpc::Slice& slice : slices_) {
    const auto* begin = reinterpret_cast<const std::byte*>(slice.begin());
    gathered_.insert(gathered_.end(), begin, begin + slice.size());
  }
  return gathered_;
}

absl::StatusOr<std::span<const std::byte>> AnswerReader::Read(const grpc::ByteBuffer& answer,
                                                              int number) {
  fields_.clear();
  message_ = Flat(answer);
  if (!FindFields(message_, number, &fields_)) {
    return absl::InternalError(absl::StrCat("malformed answer of ", answer.Length(), " bytes"));
  }
  if (fields_.empty()) {
    return absl::InternalError(absl::StrCat("the answer has no tensor bytes (field ", number, ")"));
  }
  if (fields_.size() == 1) return fields_[0];
  joined_.clear();
  for (const auto& field : fields_) joined_.insert(joined_.end(), field.begin(), field.end());
  return std::span<const std::byte>(joined_);
}

}  // namespace normbench
