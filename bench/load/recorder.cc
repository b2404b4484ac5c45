// SPDX-License-Identifier: Apache-2.0
#include "bench/load/recorder.h"

namespace normbench {

// All of it at once: a vector that grows would copy megabytes in the middle of the measurement.
// Pages are touched, and so taken, only as samples come.
Recorder::Recorder() {
  samples_.reserve(kMaxSamples);
}

void Recorder::Add(const Sample& sample) {
  if (samples_.size() < kMaxSamples) samples_.push_back(sample);
  if (sample.code == 0 && !sample.ragged) histogram_.Record(sample.latency_seconds);
  ++codes_[sample.code];
  ++count_;
  ragged_errors_ += sample.ragged && sample.code != 0;
}

}  // namespace normbench
