// SPDX-License-Identifier: Apache-2.0
// The distinct answers to each input, by checksum: the timed loop keeps one copy of each, so that
// every distinct answer can be compared once, outside the timed window. How often each came is
// counted by the batch that the server formed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace normbench {

struct FormedCount {
  int formed_batch = 0;  // 0: the server did not say
  int64_t count = 0;
};

struct DistinctOutput {
  uint64_t checksum = 0;
  int64_t count = 0;
  bool kept = false;  // false: beyond the byte bound, the payload is empty
  std::vector<std::byte> payload;
  std::vector<FormedCount> formed;  // the same count by formed batch, in the order of their coming
};

// Not thread-safe.
class OutputLedger {
 public:
  // No more distinct answers to an input are told apart in results.
  static constexpr size_t kMaxDistinct = 16;

  // Keeps at most `max_bytes` of payload and `max_kept` answers an input; counts beyond. Of those
  // beyond kMaxDistinct what surrounds the payload counts among the bytes, too.
  OutputLedger(int64_t inputs, size_t max_bytes, size_t max_kept = kMaxDistinct);

  // REQUIRES: 0 <= input < inputs(), here and below.
  void Add(int64_t input, std::span<const std::byte> payload, int formed_batch = 0);

  const std::vector<DistinctOutput>& of(int64_t input) const { return inputs_[input].distinct; }
  // Answers beyond max_kept, and those beyond kMaxDistinct for which there was no memory.
  const std::vector<FormedCount>& beyond(int64_t input) const { return inputs_[input].beyond; }
  int64_t inputs() const { return static_cast<int64_t>(inputs_.size()); }

  // The most distinct answers any input had: 1 if all had the same bits, 0 if there were none,
  // kMaxDistinct + 1 if they were more than kMaxDistinct.
  int max_distinct() const;
  // Answers that were counted but not kept: beyond the bounds, so not compared.
  int64_t not_kept() const { return not_kept_; }

 private:
  struct Input {
    std::vector<uint64_t> checksums;  // those of `distinct`, side by side: looked through often
    std::vector<DistinctOutput> distinct;
    std::vector<FormedCount> beyond;
  };

  DistinctOutput* FindOrAdd(Input& input, std::span<const std::byte> payload);

  std::vector<Input> inputs_;
  size_t max_bytes_;
  size_t max_kept_;
  size_t bytes_ = 0;
  int64_t not_kept_ = 0;
};

}  // namespace normbench
