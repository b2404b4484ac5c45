// SPDX-License-Identifier: Apache-2.0
// The shape of a tensor, N first: (N, C), (N, C, L), (N, C, H, W) or (N, C, D, H, W). A Shape that
// exists is valid: every dimension is at least 1 and the number of elements fits in 31 bits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

class Shape {
 public:
  static constexpr int64_t kMaxElements = (int64_t{1} << 31) - 1;
  static constexpr int kMinRank = 2, kMaxRank = 5;

  // Returns INVALID_ARGUMENT naming the dimension, its value and the allowed range.
  static absl::StatusOr<Shape> Create(std::span<const int64_t> dims);

  // Parses "8x64x56x56".
  static absl::StatusOr<Shape> Parse(std::string_view text);

  const std::vector<int64_t>& dims() const { return dims_; }
  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t n() const { return dims_[0]; }
  int64_t channels() const { return dims_[1]; }
  // Elements per sample and channel: the product of what follows C, 1 for rank 2.
  int64_t spatial() const { return spatial_; }
  int64_t elements() const { return dims_[0] * dims_[1] * spatial_; }

  std::string ToString() const;  // "8x64x56x56"

  bool operator==(const Shape&) const = default;

 private:
  explicit Shape(std::vector<int64_t> dims);

  std::vector<int64_t> dims_;
  int64_t spatial_ = 1;
};

}  // namespace normbench
