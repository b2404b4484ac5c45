// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_contents.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

using inference::InferTensorContents;

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian");

struct Row {
  std::string_view datatype;
  int field;
};

constexpr std::array<Row, 12> kRows = {{{"BOOL", InferTensorContents::kBoolContentsFieldNumber},
                                        {"INT8", InferTensorContents::kIntContentsFieldNumber},
                                        {"INT16", InferTensorContents::kIntContentsFieldNumber},
                                        {"INT32", InferTensorContents::kIntContentsFieldNumber},
                                        {"INT64", InferTensorContents::kInt64ContentsFieldNumber},
                                        {"UINT8", InferTensorContents::kUintContentsFieldNumber},
                                        {"UINT16", InferTensorContents::kUintContentsFieldNumber},
                                        {"UINT32", InferTensorContents::kUintContentsFieldNumber},
                                        {"UINT64", InferTensorContents::kUint64ContentsFieldNumber},
                                        {"FP32", InferTensorContents::kFp32ContentsFieldNumber},
                                        {"FP64", InferTensorContents::kFp64ContentsFieldNumber},
                                        {"BYTES", InferTensorContents::kBytesContentsFieldNumber}}};

// Calls `use` with a value of the type in memory and the values of the field. REQUIRES: a datatype
// of fixed size in kRows.
template <typename Use>
auto WithValues(std::string_view datatype, const InferTensorContents& contents, const Use& use) {
  if (datatype == "BOOL") return use(bool(), contents.bool_contents());
  if (datatype == "INT8") return use(int8_t(), contents.int_contents());
  if (datatype == "INT16") return use(int16_t(), contents.int_contents());
  if (datatype == "INT32") return use(int32_t(), contents.int_contents());
  if (datatype == "INT64") return use(int64_t(), contents.int64_contents());
  if (datatype == "UINT8") return use(uint8_t(), contents.uint_contents());
  if (datatype == "UINT16") return use(uint16_t(), contents.uint_contents());
  if (datatype == "UINT32") return use(uint32_t(), contents.uint_contents());
  if (datatype == "UINT64") return use(uint64_t(), contents.uint64_contents());
  if (datatype == "FP32") return use(float(), contents.fp32_contents());
  return use(double(), contents.fp64_contents());
}

// What is wrong with the first value that the type does not hold; "" if it holds them all.
template <typename T, typename Values>
std::string OutOfRange(const Values& values) {
  using Value = std::decay_t<decltype(values[0])>;
  if constexpr (!std::is_same_v<T, Value>) {
    for (int i = 0; i < values.size(); ++i) {
      if (std::in_range<T>(values[i])) continue;
      return absl::StrCat("[", i, "]: ", values[i],
                          "; allowed: ", int64_t{std::numeric_limits<T>::min()}, " to ",
                          int64_t{std::numeric_limits<T>::max()});
    }
  }
  return "";
}

size_t ByteElementsSize(const InferTensorContents& contents) {
  size_t bytes = 0;
  for (const std::string& element : contents.bytes_contents())
    bytes += kElementLengthBytes + element.size();
  return bytes;
}

void PackByteElements(const InferTensorContents& contents, std::byte* to) {
  for (const std::string& element : contents.bytes_contents()) {
    const auto length = static_cast<uint32_t>(element.size());
    std::memcpy(to, &length, kElementLengthBytes);
    std::memcpy(to + kElementLengthBytes, element.data(), element.size());
    to += kElementLengthBytes + element.size();
  }
}

const google::protobuf::FieldDescriptor* FieldOf(std::string_view datatype) {
  for (const Row& row : kRows) {
    if (row.datatype == datatype)
      return InferTensorContents::descriptor()->FindFieldByNumber(row.field);
  }
  return nullptr;
}

// That the values are in `expected` and as many as the shape says.
absl::Status CheckField(const std::string& field, const InferTensorContents& contents,
                        const google::protobuf::FieldDescriptor& expected, int64_t elements) {
  std::vector<const google::protobuf::FieldDescriptor*> given;
  contents.GetReflection()->ListFields(contents, &given);
  for (const auto* one : given) {
    if (one == &expected) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        field, ".contents.", one->name(), ": values of another type; allowed: ", expected.name()));
  }
  const int count = contents.GetReflection()->FieldSize(contents, &expected);
  if (count == elements) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ".contents.", expected.name(), ": ", count,
                                                 " values; allowed: ", elements,
                                                 " (the product of shape)"));
}

}  // namespace

absl::StatusOr<size_t> TypedBytes(const std::string& field, const InferTensorContents& contents,
                                  std::string_view datatype, int64_t elements) {
  const auto* expected = FieldOf(datatype);
  if (expected == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(field, ".contents: values of ",
                                                   std::string(datatype),
                                                   "; allowed: send them in raw_input_contents"));
  }
  if (absl::Status status = CheckField(field, contents, *expected, elements); !status.ok())
    return status;
  if (datatype == "BYTES") return ByteElementsSize(contents);
  size_t size = 0;
  const std::string wrong = WithValues(datatype, contents, [&](auto type, const auto& values) {
    size = sizeof(type) * values.size();
    return OutOfRange<decltype(type)>(values);
  });
  if (wrong.empty()) return size;
  return absl::InvalidArgumentError(absl::StrCat(field, ".contents.", expected->name(), wrong));
}

void PackTyped(const InferTensorContents& contents, std::string_view datatype, std::byte* to) {
  if (datatype == "BYTES") return PackByteElements(contents, to);
  WithValues(datatype, contents, [&](auto type, const auto& values) {
    for (const auto value : values) {
      type = static_cast<decltype(type)>(value);
      std::memcpy(to, &type, sizeof(type));
      to += sizeof(type);
    }
  });
}

absl::Status CheckByteElements(const std::string& field, std::span<const std::byte> bytes,
                               int64_t elements) {
  size_t at = 0;
  for (int64_t i = 0; i < elements; ++i) {
    uint32_t length = 0;
    const size_t left = bytes.size() - at;
    if (left >= kElementLengthBytes) std::memcpy(&length, bytes.data() + at, kElementLengthBytes);
    if (left < kElementLengthBytes || length > left - kElementLengthBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          field, ": element ", i, " at byte ", at, " has ", left,
          " bytes left; allowed: 4 for its length and as many as that says (", length, ")"));
    }
    at += kElementLengthBytes + length;
  }
  if (at == bytes.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", bytes.size(), " bytes; allowed: ", at,
                                                 ", which hold its ", elements, " elements"));
}

}  // namespace normbench
