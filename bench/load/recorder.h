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
  bool waited = false;  // open loops: no slot was free when its time came
  // Open loops: how much later than scheduled it was sent; latency_seconds is from the actual send.
  double lag_seconds = 0;
};

// One per loop thread; not thread-safe.
class Recorder {
 public:
  static constexpr size_t kMaxSamples = size_t{1} << 20;
  static constexpr size_t kMaxLatest = size_t{1} << 16;

  // `open`: keeps the histograms that only an open loop has.
  explicit Recorder(bool open = false);

  void Add(const Sample& sample);

  // The first kMaxSamples, in order of completion.
  const std::vector<Sample>& samples() const { return samples_; }

  // Sample number `number`, from 0, in order of completion: all of the first kMaxSamples and the
  // latest kMaxLatest are there, enough for who looks a few times a second; null for the others.
  // Valid until the next Add.
  const Sample* Find(int64_t number) const;
  // Of the OK ones, without ragged ones: from the scheduled send, which in a closed loop is the
  // actual one.
  const Histogram& histogram() const { return histogram_; }
  const Histogram& sent() const { return sent_; }  // open: the same from the actual send
  const Histogram& lag() const { return lag_; }    // open: send lag of every request
  const std::map<int32_t, int64_t>& codes() const { return codes_; }
  bool open() const { return open_; }
  int64_t count() const { return count_; }
  int64_t ragged_errors() const { return ragged_errors_; }

 private:
  bool open_;
  std::vector<Sample> samples_;
  std::vector<Sample> latest_;  // a ring, begun when samples_ is full
  Histogram histogram_, sent_, lag_;
  std::map<int32_t, int64_t> codes_;
  int64_t count_ = 0;
  int64_t ragged_errors_ = 0;
};

}  // namespace normbench
