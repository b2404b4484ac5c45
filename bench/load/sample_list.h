// SPDX-License-Identifier: Apache-2.0
// Samples in 16 bytes each, so that the million that a loop keeps are 16 MB, however long it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace normbench {

// One finished request.
struct Sample {
  double start_seconds = 0;  // since the measured window began
  double latency_seconds = 0;
  int32_t code = 0;     // canonical status code, 0: OK
  int32_t samples = 0;  // images or tensors in it, below 2^24
  bool ragged = false;  // smaller than the others: counts for throughput, not for latency
  bool waited = false;  // open loops: no slot was free when its time came
  // Open loops: how much later than scheduled it was sent; latency_seconds is from the actual send.
  double lag_seconds = 0;
};

// Keeps times to the nanosecond, the clock's resolution, up to 2.1 s, to 66 us up to 39 hours; what
// is out of range becomes the nearest end of it. Gives copies. Not thread-safe.
class SampleList {
  struct Packed {
    uint32_t start = 0, latency = 0, lag = 0;
    uint32_t samples : 24 = 0;
    uint32_t code : 6 = 0;
    uint32_t ragged : 1 = 0;
    uint32_t waited : 1 = 0;
  };
  static_assert(sizeof(Packed) == 16);

 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Sample;

    explicit Iterator(const Packed* at = nullptr) : at_(at) {}
    Sample operator*() const { return Unpack(*at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const Packed* at_;
  };

  SampleList() = default;
  SampleList(std::initializer_list<Sample> samples) {
    for (const Sample& sample : samples) push_back(sample);
  }

  void reserve(size_t count) { packed_.reserve(count); }
  size_t capacity() const { return packed_.capacity(); }
  void push_back(const Sample& sample) { packed_.push_back(Pack(sample)); }
  // REQUIRES: index < size().
  void Set(size_t index, const Sample& sample) { packed_[index] = Pack(sample); }

  size_t size() const { return packed_.size(); }
  bool empty() const { return packed_.empty(); }
  Sample operator[](size_t index) const { return Unpack(packed_[index]); }
  Sample front() const { return Unpack(packed_.front()); }
  Sample back() const { return Unpack(packed_.back()); }
  Iterator begin() const { return Iterator(packed_.data()); }
  Iterator end() const { return Iterator(packed_.data() + packed_.size()); }

 private:
  static Packed Pack(const Sample& sample);
  static Sample Unpack(const Packed& packed);

  std::vector<Packed> packed_;
};

}  // namespace normbench
