// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/shape.h"

#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

// By rank.
constexpr std::string_view kDimensionNames[] = {"", "", "NC", "NCL", "NCHW", "NCDHW"};
constexpr size_t kLongestEcho = 64;  // of a caller's text in an error message

absl::Status CheckRank(size_t rank) {
  if (rank >= Shape::kMinRank && rank <= Shape::kMaxRank) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("shape: rank ", rank, "; allowed: 2 (N, C) to 5 (N, C, D, H, W)"));
}

absl::Status BadText(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("shape: '", std::string(text.substr(0, kLongestEcho)),
                   "' is not whole numbers joined by x; allowed: for example 8x64x56x56"));
}

}  // namespace

Shape::Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {
  for (size_t i = 2; i < dims_.size(); ++i) spatial_ *= dims_[i];
}

absl::StatusOr<Shape> Shape::Create(std::span<const int64_t> dims) {
  if (absl::Status status = CheckRank(dims.size()); !status.ok()) return status;
  int64_t elements = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 1 || dims[i] > kMaxElements) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape[", i, "] (", std::string(1, kDimensionNames[dims.size()][i]),
                       "): ", dims[i], "; allowed: 1 .. ", kMaxElements));
    }
    // Dividing instead of multiplying: the product could overflow before it is looked at.
    if (elements > kMaxElements / dims[i]) {
      return absl::InvalidArgumentError(absl::StrCat("shape: ", absl::StrJoin(dims, "x"),
                                                     " has too many elements; allowed: 1 .. ",
                                                     kMaxElements));
    }
    elements *= dims[i];
  }
  return Shape(std::vector<int64_t>(dims.begin(), dims.end()));
}

absl::StatusOr<Shape> Shape::Parse(std::string_view text) {
  std::vector<int64_t> dims;
  const char* const end = text.data() + text.size();
  const char* next = text.data();
  while (dims.size() <= kMaxRank) {
    int64_t value = 0;
    const auto [stop, error] = std::from_chars(next, end, value);
    if (error != std::errc{} || (stop != end && *stop != 'x')) return BadText(text);
    dims.push_back(value);
    if (stop == end) return Create(dims);
    next = stop + 1;
  }
  return CheckRank(dims.size());
}

std::string Shape::ToString() const {
  return absl::StrJoin(dims_, "x");
}

}  // namespace normbench
