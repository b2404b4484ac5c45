// SPDX-License-Identifier: Apache-2.0
// A log-linear histogram of durations: three significant digits from 1 us to 100 s, mergeable, of
// fixed size. Same idea as HdrHistogram: each power of two is split into equal parts.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace normbench {

class Histogram {
 public:
  static constexpr double kMinSeconds = 1e-6;
  static constexpr double kMaxSeconds = 100;

  Histogram();

  // Values outside the range are counted in the first or last bucket.
  void Record(double seconds);

  void Merge(const Histogram& other);

  double count() const { return count_; }

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
