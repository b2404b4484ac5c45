// SPDX-License-Identifier: Apache-2.0
// What a loop saw: every sample in order, up to a bound, and a histogram of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "bench/load/histogram.h"

namespace normbench {

// One finished request.
struct Sample {
  double start_seconds = 0;  // since the measured window began
  double latency_seconds = 0;
  int32_t code = 0;     // canonical status code, 0: OK
  int32_t samples = 0;  // images or tensors in it
  bool ragged = false;  // smaller than the others: counts for throughput, not for latency
  // Open loops: how much later than scheduled it was sent; latency_seconds is from the actual send.
  double lag_seconds = 0;
};

// One per loop thread; not thread-safe.
class Recorder {
 public:
  static constexpr size_t kMaxSamples = size_t{1} << 20;

  Recorder();

  void Add(const Sample& sample);

  // The first kMaxSamples, in order of completion.
  const std::vector<Sample>& samples() const { return samples_; }
  const Histogram& histogram() const { return histogram_; }  // of the OK ones, without ragged ones
  const std::map<int32_t, int64_t>& codes() const { return codes_; }
  int64_t count() const { return count_; }
  int64_t ragged_errors() const { return ragged_errors_; }

 private:
  std::vector<Sample> samples_;
  Histogram histogram_;
  std::map<int32_t, int64_t> codes_;
  int64_t count_ = 0;
  int64_t ragged_errors_ = 0;
};

}  // namespace normbench
