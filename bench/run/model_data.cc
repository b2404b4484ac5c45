// SPDX-License-Identifier: Apache-2.0
#include "bench/run/model_data.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/data/fashion_mnist.h"
#include "bench/data/photometric.h"
#include "bench/run/npy.h"

namespace normbench {
namespace {

absl::StatusOr<ModelData> LoadFashionMnistWide() {
  const auto set = ReadFashionMnist(FashionMnistFolder(), Split::kTest);
  if (!set.ok()) return set.status();
  ModelData data{.images = static_cast<int64_t>(set->count()),
                 .image_shape = {1, kImageSide, kImageSide},
                 .values = std::vector<float>(set->count() * kImagePixels),
                 .labels = {set->labels.begin(), set->labels.end()}};
  for (size_t i = 0; i < set->count(); ++i) {
    Expose(set->image(i), TestExposure(kTestDrawSeed, i),
           std::span<float, kImagePixels>(data.values.data() + i * kImagePixels, kImagePixels));
  }
  return data;
}

absl::StatusOr<ModelData> LoadFiles(const std::string& input_data, const std::string& labels) {
  auto tensor = ReadNpyTensor(input_data);
  if (!tensor.ok()) return tensor.status();
  ModelData data{.images = tensor->shape[0],
                 .image_shape = {tensor->shape.begin() + 1, tensor->shape.end()},
                 .values = std::move(tensor->values),
                 .labels = {}};
  if (labels.empty()) return data;
  auto read = ReadNpyLabels(labels);
  if (!read.ok()) return read.status();
  data.labels = *std::move(read);
  if (static_cast<int64_t>(data.labels.size()) == data.images) return data;
  return absl::InvalidArgumentError(absl::StrCat(labels, ": ", data.labels.size(), " labels for ",
                                                 data.images, " images in ", input_data));
}

}  // namespace

absl::StatusOr<ModelData> LoadModelData(const v1::ModelCase& model_case) {
  const bool built_in = model_case.data() == kFashionMnistWideKey;
  auto data = built_in ? LoadFashionMnistWide() : LoadFiles(model_case.data(), model_case.labels());
  if (!data.ok() || model_case.images() == 0) return data;
  if (model_case.images() > data->images) {
    return absl::InvalidArgumentError(absl::StrCat("images: ", model_case.images(),
                                                   "; allowed: 1 .. ", data->images, " of ",
                                                   model_case.data()));
  }
  data->values.resize(model_case.images() * data->image_elements());
  if (!data->labels.empty()) data->labels.resize(model_case.images());
  data->images = model_case.images();
  return data;
}

}  // namespace normbench
