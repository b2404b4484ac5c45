// SPDX-License-Identifier: Apache-2.0
#include "bench/data/fashion_mnist.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/data/idx_file.h"

namespace normbench {
namespace {

// Where Debian's package dataset-fashion-mnist puts the files.
constexpr char kPackageFolder[] = "/usr/share/datasets/fashion-mnist";

absl::Status WithAdvice(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  return absl::NotFoundError(
      absl::StrCat(status.message(),
                   "; install the package dataset-fashion-mnist, or name the folder of its four "
                   "files in NORMBENCH_FASHION_MNIST"));
}

}  // namespace

std::string_view Name(Split split) {
  return split == Split::kTrain ? "train" : "test";
}

std::string FashionMnistFolder() {
  const char* folder = std::getenv("NORMBENCH_FASHION_MNIST");
  return folder == nullptr || *folder == '\0' ? kPackageFolder : folder;
}

absl::StatusOr<ImageSet> ReadFashionMnist(const std::string& folder, Split split) {
  const std::string prefix = absl::StrCat(folder, split == Split::kTrain ? "/train-" : "/t10k-");
  const uint32_t count = split == Split::kTrain ? 60000 : 10000;
  const std::array<uint32_t, 3> image_dims = {count, kImageSide, kImageSide};
  const std::array<uint32_t, 1> label_dims = {count};

  absl::StatusOr<std::vector<uint8_t>> pixels =
      ReadIdxFile(absl::StrCat(prefix, "images-idx3-ubyte.gz"), image_dims);
  if (!pixels.ok()) return WithAdvice(pixels.status());
  const std::string label_path = absl::StrCat(prefix, "labels-idx1-ubyte.gz");
  absl::StatusOr<std::vector<uint8_t>> labels = ReadIdxFile(label_path, label_dims);
  if (!labels.ok()) return WithAdvice(labels.status());

  const int largest = *std::max_element(labels->begin(), labels->end());
  if (largest >= kImageClasses) {
    return absl::DataLossError(
        absl::StrCat(label_path, ": a label is ", largest, ", allowed: 0 to 9"));
  }
  return ImageSet{std::move(*pixels), std::move(*labels)};
}

}  // namespace normbench
