// SPDX-License-Identifier: Apache-2.0
#include "bench/load/recorder.h"

namespace normbench {

// Where sample number `n` is in the ring: kMaxSamples begins at its beginning.
static_assert(Recorder::kMaxSamples % Recorder::kMaxLatest == 0);

// All of it at once: a vector that grows would copy megabytes in the middle of the measurement.
// Pages are touched, and so taken, only as samples come.
Recorder::Recorder(bool open) : open_(open) {
  samples_.reserve(kMaxSamples);
}

void Recorder::Add(const Sample& sample) {
  Keep(sample);
  const bool counts = sample.code == 0 && !sample.ragged;
  if (counts) histogram_.Record(sample.lag_seconds + sample.latency_seconds);
  if (open_ && counts) sent_.Record(sample.latency_seconds);
  if (open_) lag_.Record(sample.lag_seconds);
  ++codes_[sample.code];
  ++count_;
  ragged_errors_ += sample.ragged && sample.code != 0;
}

void Recorder::Keep(const Sample& sample) {
  if (samples_.size() < kMaxSamples) {
    samples_.push_back(sample);
  } else if (latest_.size() < kMaxLatest) {
    latest_.reserve(kMaxLatest);
    latest_.push_back(sample);
  } else {
    latest_.Set(static_cast<size_t>(count_) % kMaxLatest, sample);
  }
}

std::optional<Sample> Recorder::Find(int64_t number) const {
  if (number < 0 || number >= count_) return std::nullopt;
  const auto index = static_cast<size_t>(number);
  if (index < samples_.size()) return samples_[index];
  if (count_ - number > int64_t{kMaxLatest}) return std::nullopt;
  return latest_[index % kMaxLatest];
}

}  // namespace normbench
