// SPDX-License-Identifier: Apache-2.0
#include "bench/data/photometric.h"

#include <array>
#include <cmath>

#include "bench/norm/generator.h"

namespace normbench {
namespace {

constexpr double kMinLogGain = -1.5;
constexpr double kMaxLogGain = 0.8;
constexpr double kMaxOffset = 1.5;
constexpr float kMean = 0.2860F;  // of the training pixels, and their standard deviation
constexpr float kDeviation = 0.3530F;

// Streams of the generator: far from the small numbers that tensors of a case use.
constexpr uint64_t kTestStream = uint64_t{1} << 32;
constexpr uint64_t kTrainStream = uint64_t{2} << 32;

// The middle of one of 2^32 equal parts of (low, high).
double Uniform(uint32_t word, double low, double high) {
  return low + (high - low) * ((word + 0.5) / 4294967296.0);
}

Exposure DrawExposure(uint64_t seed, uint64_t stream, uint64_t index) {
  const std::array<uint32_t, 4> words = Philox(seed, stream, index);
  return {.gain = static_cast<float>(std::pow(10.0, Uniform(words[0], kMinLogGain, kMaxLogGain))),
          .offset = static_cast<float>(Uniform(words[1], -kMaxOffset, kMaxOffset))};
}

}  // namespace

Exposure TestExposure(uint64_t seed, uint64_t index) {
  return DrawExposure(seed, kTestStream, index);
}

Exposure TrainExposure(uint64_t seed, uint64_t epoch, uint64_t index) {
  return DrawExposure(seed, kTrainStream + epoch, index);
}

void Expose(std::span<const uint8_t, kImagePixels> pixels, const Exposure& exposure,
            std::span<float, kImagePixels> out) {
  for (int i = 0; i < kImagePixels; ++i) {
    const float pixel = static_cast<float>(pixels[i]) / 255.0F;
    out[i] = (exposure.gain * pixel + exposure.offset - kMean) / kDeviation;
  }
}

}  // namespace normbench
