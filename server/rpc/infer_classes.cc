// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_classes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "bench/norm/half.h"
#include "server/repository/labels.h"

namespace normbench {
namespace {

constexpr int64_t kNumberBytes = 32;  // the longest double or integer has 24

template <typename T>
T At(const std::byte* data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * static_cast<int64_t>(sizeof value), sizeof value);
  return value;
}

// NaN is below everything: an order without it would not be one.
template <typename T>
bool Larger(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  }
  return a > b;
}

template <typename T>
std::string Text(T value) {
  char text[kNumberBytes];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

void AppendBytes(const std::string& element, std::string& tensor) {
  const auto length = static_cast<uint32_t>(element.size());  // little-endian, as the machine is
  tensor.append(reinterpret_cast<const char*>(&length), sizeof length);
  tensor.append(element);
}

template <typename T>
void AppendRow(const std::vector<T>& row, int64_t top, const std::vector<std::string>& labels,
               std::string& tensor) {
  std::vector<int64_t> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + top;
  std::partial_sort(order.begin(), end, order.end(), [&](int64_t a, int64_t b) {
    if (Larger(row[a], row[b])) return true;
    return !Larger(row[b], row[a]) && a < b;
  });
  for (auto at = order.begin(); at != end; ++at) {
    const bool labelled = static_cast<size_t>(*at) < labels.size();
    AppendBytes(absl::StrCat(Text(row[*at]), ":", *at, labelled ? ":" : "",
                             labelled ? labels[*at] : std::string()),
                tensor);
  }
}

template <typename T, typename Read>
std::string TopOf(const ClassScores& scores, int64_t top, const std::vector<std::string>& labels,
                  const Read& read) {
  std::string tensor;
  std::vector<T> row(static_cast<size_t>(scores.per_row));
  for (int64_t r = 0; r < scores.rows; ++r) {
    for (int64_t i = 0; i < scores.per_row; ++i) row[i] = read(r * scores.per_row + i);
    AppendRow(row, std::min(top, scores.per_row), labels, tensor);
  }
  return tensor;
}

template <typename T>
std::string TopAs(const ClassScores& scores, int64_t top, const std::vector<std::string>& labels) {
  return TopOf<T>(scores, top, labels, [&](int64_t i) { return At<T>(scores.data, i); });
}

}  // namespace

int64_t MaxClassBytes() {
  return static_cast<int64_t>(sizeof(uint32_t)) + 2 * (kNumberBytes + 1) +
         static_cast<int64_t>(kMaxLabelBytes);
}

std::string TopClasses(const ClassScores& scores, int64_t top,
                       const std::vector<std::string>& labels) {
  const std::string_view type = scores.datatype;
  if (type == "FP32") return TopAs<float>(scores, top, labels);
  if (type == "FP64") return TopAs<double>(scores, top, labels);
  if (type == "INT64") return TopAs<int64_t>(scores, top, labels);
  if (type == "INT32") return TopAs<int32_t>(scores, top, labels);
  if (type == "INT16") return TopAs<int16_t>(scores, top, labels);
  if (type == "UINT64") return TopAs<uint64_t>(scores, top, labels);
  if (type == "UINT32") return TopAs<uint32_t>(scores, top, labels);
  if (type == "UINT16") return TopAs<uint16_t>(scores, top, labels);
  const auto bits = [&](int64_t i) { return At<uint16_t>(scores.data, i); };
  if (type == "FP16") {
    return TopOf<float>(scores, top, labels, [&](int64_t i) { return F32OfF16(bits(i)); });
  }
  if (type == "BF16") {
    return TopOf<float>(scores, top, labels, [&](int64_t i) { return F32OfBf16(bits(i)); });
  }
  if (type == "INT8") {
    return TopOf<int>(scores, top, labels, [&](int64_t i) { return At<int8_t>(scores.data, i); });
  }
  return TopOf<int>(scores, top, labels, [&](int64_t i) { return At<uint8_t>(scores.data, i); });
}

}  // namespace normbench
