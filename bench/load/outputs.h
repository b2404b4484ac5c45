// SPDX-License-Identifier: Apache-2.0
// The distinct answers to each input, by checksum: the timed loop keeps one copy of each, so that
// every distinct answer can be compared once, outside the timed window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace normbench {

struct DistinctOutput {
  uint64_t checksum = 0;
  int64_t count = 0;
  bool kept = false;  // false: beyond the byte bound, the payload is empty
  std::vector<std::byte> payload;
};

// Not thread-safe.
class OutputLedger {
 public:
  // Keeps at most `max_bytes` of payload and kMaxDistinct answers an input; counts beyond.
  OutputLedger(int64_t inputs, size_t max_bytes);
  static constexpr size_t kMaxDistinct = 16;

  // REQUIRES: 0 <= input < inputs(), here and below.
  void Add(int64_t input, std::span<const std::byte> payload);

  const std::vector<DistinctOutput>& of(int64_t input) const;
  int64_t inputs() const { return static_cast<int64_t>(outputs_.size()); }

  // The most distinct answers any input had: 1 if all had the same bits, 0 if there were none,
  // kMaxDistinct + 1 if they were more than kMaxDistinct.
  int max_distinct() const;
  // Answers that were counted but not kept: beyond the bounds, so not compared.
  int64_t not_kept() const { return not_kept_; }

 private:
  std::vector<std::vector<DistinctOutput>> outputs_;
  size_t max_bytes_;
  size_t bytes_ = 0;
  int64_t not_kept_ = 0;
  bool too_many_distinct_ = false;
};

}  // namespace normbench
