// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/codec.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "server/exec/stream_copy.h"

namespace normbench {
namespace {

// protobuf's own limits: what is within them is accepted by the generated parser too.
constexpr uint64_t kMaxLength = INT_MAX - 16;
constexpr int kMaxLengthBytes = 5;
constexpr int kMaxVarintBytes = 10;

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

// Walks forward over the bytes of all slices.
class Cursor {
 public:
  explicit Cursor(const std::vector<grpc::Slice>& slices) : slice_(slices.data()) {
    for (const grpc::Slice& slice : slices) left_ += slice.size();
  }

  size_t left() const { return left_; }
  // Starts in the slice that has its first byte, so that it is contiguous where it can be.
  BytesView View(size_t size) const {
    Cursor start = *this;
    while (size > 0 && start.offset_ == start.slice_->size()) start.NextSlice();
    return BytesView(start.slice_, start.offset_, size);
  }

  // REQUIRES: size <= left().
  void Skip(size_t size) {
    left_ -= size;
    while (size > 0) {
      const size_t here = std::min(size, slice_->size() - offset_);
      offset_ += here;
      size -= here;
      if (size > 0) NextSlice();
    }
  }

  // Empty where the message or `max_bytes` end before the number does.
  std::optional<uint64_t> Varint(int max_bytes) {
    uint64_t value = 0;
    for (int i = 0; i < max_bytes && left_ > 0; ++i) {
      while (offset_ == slice_->size()) NextSlice();
      const uint8_t byte = slice_->begin()[offset_];
      Skip(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

 private:
  void NextSlice() {
    ++slice_;
    offset_ = 0;
  }

  const grpc::Slice* slice_;
  size_t offset_ = 0;
  size_t left_ = 0;
};

// Bytes of the field's content at the cursor; the length of a length-delimited one is read.
absl::StatusOr<size_t> ContentSize(Cursor& at, uint32_t wire_type, uint32_t field) {
  switch (wire_type) {
    case kVarint: {
      Cursor end = at;
      if (!end.Varint(kMaxVarintBytes).has_value()) break;
      return at.left() - end.left();
    }
    case kFixed64:
      return 8;
    case kFixed32:
      return 4;
    case kLengthDelimited: {
      const std::optional<uint64_t> length = at.Varint(kMaxLengthBytes);
      if (!length.has_value() || *length > kMaxLength) break;
      return static_cast<size_t>(*length);
    }
    default:
      return absl::InvalidArgumentError(absl::StrCat("malformed message: field ", field,
                                                     " has wire type ", wire_type,
                                                     "; allowed: 0, 1, 2, 5"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("malformed message: the number in field ", field, " does not end"));
}

// The small part of a message, as runs of neighbouring fields between the tensors.
class Header {
 public:
  void Add(BytesView field) {
    if (open_) {
      runs_.back() = runs_.back().Extended(field.size());
    } else {
      runs_.push_back(field);
    }
    open_ = true;
    size_ += field.size();
  }
  void EndRun() { open_ = false; }
  size_t size() const { return size_; }

  bool ParseInto(google::protobuf::MessageLite& message) const {
    if (runs_.size() == 1 && runs_[0].contiguous() != nullptr) {
      return message.ParseFromArray(runs_[0].contiguous(), static_cast<int>(size_));
    }
    std::string joined(size_, '\0');
    size_t filled = 0;
    for (const BytesView& run : runs_) {
      run.CopyTo(joined.data() + filled);
      filled += run.size();
    }
    return message.ParseFromString(joined);
  }

 private:
  std::vector<BytesView> runs_;
  size_t size_ = 0;
  bool open_ = false;
};

struct Field {
  uint32_t number;
  uint32_t wire_type;
  BytesView whole;
  BytesView content;
};

// REQUIRES: at.left() > 0.
absl::StatusOr<Field> NextField(Cursor& at) {
  const Cursor start = at;
  const std::optional<uint64_t> tag = at.Varint(kMaxLengthBytes);
  if (!tag.has_value() || *tag > UINT32_MAX || *tag >> 3 == 0) {
    return absl::InvalidArgumentError("malformed message: not a field number from 1 to 536870911");
  }
  const auto number = static_cast<uint32_t>(*tag >> 3);
  const auto wire_type = static_cast<uint32_t>(*tag & 7);
  const absl::StatusOr<size_t> size = ContentSize(at, wire_type, number);
  if (!size.ok()) return size.status();
  if (*size > at.left()) {
    return absl::InvalidArgumentError(absl::StrCat("malformed message: field ", number, " has ",
                                                   *size, " bytes where only ", at.left(),
                                                   " are left"));
  }
  const BytesView content = at.View(*size);
  at.Skip(*size);
  return Field{number, wire_type, start.View(start.left() - at.left()), content};
}

bool IsTensor(const Field& field, const DecodeOptions& options) {
  return std::ranges::find(options.tensor_fields, static_cast<int>(field.number)) !=
         options.tensor_fields.end();
}

// `tensors`: how many came before it.
absl::Status CheckTensor(const Field& field, size_t tensors, const DecodeOptions& options) {
  if (field.wire_type != kLengthDelimited) {
    return absl::InvalidArgumentError(absl::StrCat("malformed message: field ", field.number,
                                                   " has wire type ", field.wire_type,
                                                   "; allowed: 2"));
  }
  if (tensors < options.max_tensor_fields) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("message: more than ", options.max_tensor_fields, " tensors"));
}

void CopyThroughCaches(void* to, const void* from, size_t bytes) {
  std::memcpy(to, from, bytes);
}

void GiveBack(void* buffer) {
  delete static_cast<Buffer*>(buffer);
}

// `header` (or nothing) and the tag and length of a tensor field (or nothing), in one slice.
grpc::Slice Prefix(const google::protobuf::MessageLite* header, const TensorField* tensor) {
  using google::protobuf::io::CodedOutputStream;
  const size_t header_bytes = header == nullptr ? 0 : header->GetCachedSize();
  uint8_t field[2 * kMaxVarintBytes];
  uint8_t* end = field;
  if (tensor != nullptr) {
    const uint32_t tag = static_cast<uint32_t>(tensor->field) << 3 | kLengthDelimited;
    end = CodedOutputStream::WriteVarint32ToArray(tag, field);
    end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(tensor->bytes), end);
  }
  grpc::Slice slice(header_bytes + static_cast<size_t>(end - field));
  auto* to = const_cast<uint8_t*>(slice.begin());  // a fresh slice is ours to fill
  if (header != nullptr) to = header->SerializeWithCachedSizesToArray(to);
  std::copy(field, end, to);
  return slice;
}

grpc::Slice TensorSlice(TensorField& tensor) {
  void* data = tensor.buffer.data();
  auto owner = std::make_unique<Buffer>(std::move(tensor.buffer));
  return grpc::Slice(data, tensor.bytes, GiveBack, owner.release());
}

}  // namespace

void BytesView::CopyTo(void* to) const {
  const auto copy = size_ < kStreamBytes ? CopyThroughCaches : StreamCopy;
  auto* out = static_cast<uint8_t*>(to);
  size_t left = size_;
  size_t offset = offset_;
  for (const grpc::Slice* slice = first_; left > 0; ++slice, offset = 0) {
    const size_t here = std::min(left, slice->size() - offset);
    if (here > 0) copy(out, slice->begin() + offset, here);
    out += here;
    left -= here;
  }
}

const uint8_t* BytesView::contiguous() const {
  if (first_ == nullptr || first_->size() - offset_ < size_) return nullptr;
  return first_->begin() + offset_;
}

absl::StatusOr<RawMessage> RawMessage::Decode(const grpc::ByteBuffer& buffer,
                                              const DecodeOptions& options,
                                              google::protobuf::MessageLite& header) {
  RawMessage message;
  // A call without a message has no buffer: to protobuf that is the message with every default.
  if (buffer.Valid() && !buffer.Dump(&message.slices_).ok()) {
    return absl::InvalidArgumentError("malformed message: its bytes cannot be read");
  }
  Cursor at(message.slices_);
  Header rest;
  while (at.left() > 0) {
    const absl::StatusOr<Field> field = NextField(at);
    if (!field.ok()) return field.status();
    if (IsTensor(*field, options)) {
      const absl::Status status = CheckTensor(*field, message.tensors_.size(), options);
      if (!status.ok()) return status;
      message.tensors_.push_back({static_cast<int>(field->number), field->content});
      rest.EndRun();
      continue;
    }
    rest.Add(field->whole);
    if (rest.size() > options.max_header_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "message: more than ", options.max_header_bytes, " bytes beside its tensors"));
    }
  }
  if (!rest.ParseInto(header)) {
    return absl::InvalidArgumentError("malformed message: not a valid " + header.GetTypeName());
  }
  return message;
}

BytesView RawMessage::Last(int field) const {
  for (auto it = tensors_.rbegin(); it != tensors_.rend(); ++it) {
    if (it->field == field) return it->bytes;
  }
  return BytesView();
}

std::vector<BytesView> RawMessage::All(int field) const {
  std::vector<BytesView> views;
  for (const Occurrence& tensor : tensors_) {
    if (tensor.field == field) views.push_back(tensor.bytes);
  }
  return views;
}

absl::Status DecodeWhole(const grpc::ByteBuffer& buffer, int64_t max_bytes,
                         google::protobuf::MessageLite& message) {
  if (std::cmp_greater(buffer.Length(), max_bytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("message: ", buffer.Length(), " bytes; allowed: at most ", max_bytes));
  }
  const DecodeOptions options = {.tensor_fields = {},
                                 .max_header_bytes = static_cast<size_t>(max_bytes)};
  return RawMessage::Decode(buffer, options, message).status();
}

absl::StatusOr<grpc::ByteBuffer> Encode(const google::protobuf::MessageLite& header,
                                        std::vector<TensorField> tensors) {
  size_t total = header.ByteSizeLong();
  for (const TensorField& tensor : tensors) total += tensor.bytes + kMaxVarintBytes;
  if (total > INT_MAX) {
    return absl::InternalError(
        absl::StrCat("response: ", total, " bytes; allowed: at most ", INT_MAX));
  }
  std::vector<grpc::Slice> slices;
  slices.reserve(2 * tensors.size() + 1);
  if (tensors.empty()) slices.push_back(Prefix(&header, nullptr));
  for (size_t i = 0; i < tensors.size(); ++i) {
    slices.push_back(Prefix(i == 0 ? &header : nullptr, &tensors[i]));
    if (tensors[i].bytes > 0) slices.push_back(TensorSlice(tensors[i]));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace normbench
