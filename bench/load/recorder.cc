// SPDX-License-Identifier: Apache-2.0
#include "bench/load/recorder.h"

namespace normbench {

// All of it at once: a vector that grows would copy megabytes in the middle of the measurement.
// Pages are touched, and so taken, only as samples come.
Recorder::Recorder(bool open) : open_(open) {
  samples_.reserve(kMaxSamples);
}

void Recorder::Add(const Sample& sample) {
  if (samples_.size() < kMaxSamples) {
    samples_.push_back(sample);
  } else {
    latest_.resize(kMaxLatest);
    latest_[static_cast<size_t>(count_) % kMaxLatest] = sample;
  }
  const bool counts = sample.code == 0 && !sample.ragged;
  if (counts) histogram_.Record(sample.lag_seconds + sample.latency_seconds);
  if (open_ && counts) sent_.Record(sample.latency_seconds);
  if (open_) lag_.Record(sample.lag_seconds);
  ++codes_[sample.code];
  ++count_;
  ragged_errors_ += sample.ragged && sample.code != 0;
}

const Sample* Recorder::Find(int64_t number) const {
  if (number < 0 || number >= count_) return nullptr;
  const auto index = static_cast<size_t>(number);
  if (index < samples_.size()) return &samples_[index];
  return count_ - number <= int64_t{kMaxLatest} ? &latest_[index % kMaxLatest] : nullptr;
}

}  // namespace normbench
