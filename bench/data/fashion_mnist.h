// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST (Xiao et al. 2017): 60,000 training and 10,000 test images of ten kinds of
// clothing, 28 x 28 grey bytes each, in the gzipped IDX files of Debian's package
// dataset-fashion-mnist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

inline constexpr int kImageSide = 28;
inline constexpr int kImagePixels = kImageSide * kImageSide;
inline constexpr int kImageClasses = 10;

enum class Split { kTrain, kTest };

std::string_view Name(Split split);  // train, test

struct ImageSet {
  std::vector<uint8_t> pixels;  // image after image, row after row; 0: background
  std::vector<uint8_t> labels;  // 0 .. 9

  size_t count() const { return labels.size(); }
  std::span<const uint8_t, kImagePixels> image(size_t index) const {
    return std::span<const uint8_t, kImagePixels>(pixels.data() + index * kImagePixels,
                                                  kImagePixels);
  }
};

// The folder named by the environment variable NORMBENCH_FASHION_MNIST, else the one of the
// package.
std::string FashionMnistFolder();

// Reads one split. Returns NOT_FOUND naming file and package where the file is missing, DATA_LOSS
// naming the file where it is not what the format or the data set says.
absl::StatusOr<ImageSet> ReadFashionMnist(const std::string& folder, Split split);

}  // namespace normbench
