// SPDX-License-Identifier: Apache-2.0
// The images of a model case in the form in which they travel, and what they are of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct ModelData {
  int64_t images = 0;
  std::vector<int64_t> image_shape;  // of one image: (1, 28, 28)
  std::vector<float> values;         // images x product of image_shape
  std::vector<int32_t> labels;       // one an image, or empty: not known

  int64_t image_elements() const { return static_cast<int64_t>(values.size()) / images; }

  // Images first .. first + count - 1.
  std::span<const float> slice(int64_t first, int64_t count) const {
    return std::span(values).subspan(first * image_elements(), count * image_elements());
  }
};

// Fashion-MNIST with photometric variation WIDE for "fmnist-wide", else the .npy files that the
// case names, cut to the first `images`. Returns NOT_FOUND or INVALID_ARGUMENT with the file.
absl::StatusOr<ModelData> LoadModelData(const v1::ModelCase& model_case);

}  // namespace normbench
