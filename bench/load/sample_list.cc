// SPDX-License-Identifier: Apache-2.0
#include "bench/load/sample_list.h"

#include <algorithm>
#include <cmath>

namespace normbench {
namespace {

// A duration in 32 bits: nanoseconds, or with the highest bit set units of 2^16 of them: a pass
// over many images, which a loop ends before it ends itself, may take a day.
constexpr uint32_t kCoarse = uint32_t{1} << 31;
constexpr double kNanosecondsInCoarse = 65536;

uint32_t PackSeconds(double seconds) {
  const double nanoseconds = std::round(std::max(0.0, seconds) * 1e9);
  if (nanoseconds < kCoarse) return static_cast<uint32_t>(nanoseconds);
  const double coarse = std::round(nanoseconds / kNanosecondsInCoarse);
  return kCoarse | static_cast<uint32_t>(std::min(coarse, kCoarse - 1.0));
}

// Divided, not multiplied by 1e-9: this gives the double nearest to the decimal number.
double UnpackSeconds(uint32_t packed) {
  if ((packed & kCoarse) == 0) return packed / 1e9;
  return (packed & ~kCoarse) * kNanosecondsInCoarse / 1e9;
}

uint32_t Bits(int32_t value, int bits) {
  return static_cast<uint32_t>(std::clamp(value, 0, (1 << bits) - 1));
}

}  // namespace

SampleList::Packed SampleList::Pack(const Sample& sample) {
  return {.start = PackSeconds(sample.start_seconds),
          .latency = PackSeconds(sample.latency_seconds),
          .lag = PackSeconds(sample.lag_seconds),
          .samples = Bits(sample.samples, 24),
          .code = Bits(sample.code, 6),
          .ragged = sample.ragged,
          .waited = sample.waited};
}

Sample SampleList::Unpack(const Packed& packed) {
  return {.start_seconds = UnpackSeconds(packed.start),
          .latency_seconds = UnpackSeconds(packed.latency),
          .code = static_cast<int32_t>(packed.code),
          .samples = static_cast<int32_t>(packed.samples),
          .ragged = packed.ragged == 1,
          .waited = packed.waited == 1,
          .lag_seconds = UnpackSeconds(packed.lag)};
}

}  // namespace normbench
