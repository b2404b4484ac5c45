// SPDX-License-Identifier: Apache-2.0
// What a loop saw: every sample in order, up to a bound, and a histogram of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "bench/load/histogram.h"
#include "bench/load/sample_list.h"

namespace normbench {

// One per loop thread; not thread-safe.
class Recorder {
 public:
  static constexpr size_t kMaxSamples = size_t{1} << 20;
  static constexpr size_t kMaxLatest = size_t{1} << 16;

  // `open`: keeps the histograms that only an open loop has.
  explicit Recorder(bool open = false);

  void Add(const Sample& sample);

  // The first kMaxSamples, in order of completion.
  const SampleList& samples() const { return samples_; }

  // Sample number `number`, from 0, in order of completion: all of the first kMaxSamples and the
  // latest kMaxLatest are there, enough for who looks a few times a second; nothing for the
  // others.
  std::optional<Sample> Find(int64_t number) const;
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
  void Keep(const Sample& sample);

  bool open_;
  SampleList samples_;
  SampleList latest_;  // a ring, begun when samples_ is full
  Histogram histogram_, sent_, lag_;
  std::map<int32_t, int64_t> codes_;
  int64_t count_ = 0;
  int64_t ragged_errors_ = 0;
};

}  // namespace normbench
