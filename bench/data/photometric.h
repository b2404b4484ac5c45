// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST with photometric variation WIDE: every image is seen at an exposure of its own,
// x = (gain * pixel + offset - 0.2860) / 0.3530 with pixel in [0, 1], gain = 10^U(-1.5, 0.8) and
// offset = U(-1.5, 1.5). Clean Fashion-MNIST is too uniform to show what a small training batch
// does to batch norm. The exposures come from the counter-based generator: trainer, client and
// tests see the same bits. Never call it plain Fashion-MNIST.
#pragma once

#include <cstdint>
#include <span>

#include "bench/data/fashion_mnist.h"

namespace normbench {

inline constexpr char kFashionMnistWideKey[] = "fmnist-wide";  // in case keys and configurations
inline constexpr char kFashionMnistWideTitle[] = "Fashion-MNIST with photometric variation WIDE";

// The draw of the test images that every reported accuracy is about.
inline constexpr uint64_t kTestDrawSeed = 1;

struct Exposure {
  float gain = 1;
  float offset = 0;
};

// The exposure of test image `index`: one fixed draw for each seed.
Exposure TestExposure(uint64_t seed, uint64_t index);

// The exposure of training image `index` in `epoch`, REQUIRES: epoch < 2^32: fresh each epoch.
Exposure TrainExposure(uint64_t seed, uint64_t epoch, uint64_t index);

// Writes the normalized values of one image.
void Expose(std::span<const uint8_t, kImagePixels> pixels, const Exposure& exposure,
            std::span<float, kImagePixels> out);

}  // namespace normbench
