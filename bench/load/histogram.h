// SPDX-License-Identifier: Apache-2.0
// A log-linear histogram of durations: three significant digits from 1 us to 100 s, mergeable, of
// fixed size. Same idea as HdrHistogram: each power of two is split into equal parts, 1024 of them,
// so that a bucket is at most 1/1024 wider than its lower edge. All edges are exact binary numbers.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace normbench {

// Not thread-safe: one per thread, then Merge.
class Histogram {
 public:
  static constexpr double kMinSeconds = 0x1p-20;  // 0.95 us: a power of two makes the edges exact
  static constexpr double kMaxSeconds = 100;

  Histogram();

  // A bucket holds its upper edge and not its lower one. Values outside the range are counted in
  // the first or last bucket, NaN in the first.
  void Record(double seconds);

  void Merge(const Histogram& other);

  double count() const { return static_cast<double>(count_); }

  // Nearest rank: the upper edge of the bucket that holds value number ceil(count * q).
  // REQUIRES: 0 < q <= 1, count() > 0.
  double Quantile(double q) const;

  // (upper edge in seconds, count) of every bucket that is not empty, ascending.
  std::vector<std::pair<double, double>> Buckets() const;

 private:
  std::vector<int64_t> counts_;
  int64_t count_ = 0;
};

}  // namespace normbench
