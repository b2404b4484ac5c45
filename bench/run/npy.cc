// SPDX-License-Identifier: Apache-2.0
#include "bench/run/npy.h"

#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace normbench {
namespace {

constexpr uint32_t kMaxHeaderBytes = 64 << 10;

struct Header {
  std::string type;  // for example <f4
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

struct RawArray {
  Header header;
  std::string data;
};

absl::Status Invalid(const std::string& path, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::string(what)));
}

// The text between the value's start and its end in the header, a Python dict literal such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (10, 784), }
std::optional<std::string> Value(const std::string& header, const std::string& key) {
  const size_t at = header.find(absl::StrCat("'", key, "'"));
  if (at == std::string::npos) return std::nullopt;
  size_t begin = header.find(':', at);
  if (begin == std::string::npos) return std::nullopt;
  begin = header.find_first_not_of(' ', begin + 1);
  if (begin == std::string::npos) return std::nullopt;
  const bool tuple = header[begin] == '(';
  const size_t end = header.find_first_of(tuple ? ")" : ",}", begin);
  if (end == std::string::npos) return std::nullopt;
  return header.substr(begin, end - begin + (tuple ? 1 : 0));
}

std::optional<std::vector<int64_t>> ParseShape(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "(") || !absl::ConsumeSuffix(&text, ")")) return std::nullopt;
  std::vector<int64_t> shape;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    int64_t dim = 0;
    if (!absl::SimpleAtoi(part, &dim) || dim < 0) return std::nullopt;
    shape.push_back(dim);
  }
  return shape;
}

std::optional<Header> ParseHeader(const std::string& text) {
  const auto type = Value(text, "descr");
  const auto order = Value(text, "fortran_order");
  const auto shape = Value(text, "shape");
  if (!type || !order || !shape) return std::nullopt;
  if (type->size() < 4 || type->front() != '\'' || type->back() != '\'') return std::nullopt;
  auto dims = ParseShape(*shape);
  if (!dims || (*order != "True" && *order != "False")) return std::nullopt;
  return Header{type->substr(1, type->size() - 2), *order == "True", std::move(*dims)};
}

// Elements x width, or nothing on overflow.
std::optional<int64_t> Bytes(const std::vector<int64_t>& shape, int64_t width) {
  int64_t bytes = width;
  for (const int64_t dim : shape) {
    if (__builtin_mul_overflow(bytes, dim, &bytes)) return std::nullopt;
  }
  return bytes;
}

absl::StatusOr<Header> ReadHeader(std::istream& file, const std::string& path) {
  std::array<unsigned char, 8> start{};
  file.read(reinterpret_cast<char*>(start.data()), start.size());
  if (!file || std::memcmp(start.data(), "\x93NUMPY", 6) != 0) {
    return Invalid(path, "not a .npy file (it does not begin with \\x93NUMPY)");
  }
  const int version = start[6];
  if (version != 1 && version != 2) {
    return Invalid(path, absl::StrCat(".npy version ", version, "; allowed: 1, 2"));
  }
  std::array<unsigned char, 4> length{};
  file.read(reinterpret_cast<char*>(length.data()), version == 1 ? 2 : 4);
  const uint32_t bytes =
      length[0] | (length[1] << 8) | (length[2] << 16) | (uint32_t{length[3]} << 24);
  if (!file || bytes > kMaxHeaderBytes) {
    return Invalid(path, absl::StrCat("header of ", bytes, " bytes; at most ", kMaxHeaderBytes));
  }
  std::string text(bytes, '\0');
  file.read(text.data(), bytes);
  auto header = file ? ParseHeader(text) : std::nullopt;
  if (!header) return Invalid(path, "malformed header: expected descr, fortran_order and shape");
  if (header->fortran_order) {
    return Invalid(path, "array is in Fortran order; save numpy.ascontiguousarray(x)");
  }
  return *std::move(header);
}

absl::StatusOr<RawArray> ReadRaw(const std::string& path, int64_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  auto header = ReadHeader(file, path);
  if (!header.ok()) return header.status();
  const int64_t width = header->type.back() - '0';
  if (width < 1 || width > 8 || header->type.size() != 3) {
    return Invalid(path, absl::StrCat("element type '", header->type, "' is not supported"));
  }
  const auto bytes = Bytes(header->shape, width);
  if (!bytes || *bytes > max_bytes) {
    return Invalid(path, absl::StrCat("array is over ", max_bytes, " bytes"));
  }
  const auto begin = file.tellg();
  file.seekg(0, std::ios::end);
  const int64_t available = file.tellg() - begin;
  if (available != *bytes) {
    return Invalid(path, absl::StrCat("shape and type ask for ", *bytes,
                                      " bytes of data; the file has ", available));
  }
  file.seekg(begin);
  RawArray array{*std::move(header), std::string(*bytes, '\0')};
  file.read(array.data.data(), *bytes);
  if (!file) return Invalid(path, "cannot be read to its end");
  return array;
}

template <typename T>
absl::StatusOr<std::vector<int32_t>> Labels(const RawArray& array, const std::string& path) {
  std::vector<int32_t> labels(array.data.size() / sizeof(T));
  for (size_t i = 0; i < labels.size(); ++i) {
    T value;
    std::memcpy(&value, array.data.data() + i * sizeof(T), sizeof(T));
    if (value < T{0} || static_cast<uint64_t>(value) > std::numeric_limits<int32_t>::max()) {
      return Invalid(path, absl::StrCat("label ", i, " is ", value, "; allowed: 0 .. 2147483647"));
    }
    labels[i] = static_cast<int32_t>(value);
  }
  return labels;
}

}  // namespace

absl::StatusOr<NpyTensor> ReadNpyTensor(const std::string& path, int64_t max_bytes) {
  auto array = ReadRaw(path, max_bytes);
  if (!array.ok()) return array.status();
  const Header& header = array->header;
  if (header.type != "<f4") {
    return Invalid(path, absl::StrCat("element type '", header.type,
                                      "'; allowed: '<f4' (save x.astype('<f4'))"));
  }
  if (header.shape.empty() || array->data.empty()) {
    return Invalid(path, "array is empty; the first dimension counts images and is at least 1");
  }
  NpyTensor tensor{header.shape, std::vector<float>(array->data.size() / sizeof(float))};
  std::memcpy(tensor.values.data(), array->data.data(), array->data.size());
  return tensor;
}

absl::StatusOr<std::vector<int32_t>> ReadNpyLabels(const std::string& path, int64_t max_bytes) {
  const auto array = ReadRaw(path, max_bytes);
  if (!array.ok()) return array.status();
  const Header& header = array->header;
  if (header.shape.size() != 1) {
    return Invalid(path,
                   absl::StrCat("labels have ", header.shape.size(), " dimensions; expected 1"));
  }
  if (header.type == "<i8") return Labels<int64_t>(*array, path);
  if (header.type == "<i4") return Labels<int32_t>(*array, path);
  if (header.type == "|u1") return Labels<uint8_t>(*array, path);
  return Invalid(path, absl::StrCat("element type '", header.type,
                                    "' of labels; allowed: '<i8', '<i4', '|u1'"));
}

}  // namespace normbench
