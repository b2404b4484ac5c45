// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_tensors.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;

ModelSpec TwoOutputs() {
  ModelSpec spec;
  spec.max_batch_size = 4;
  spec.outputs = {{"a", "FP32", {2}}, {"b", "INT64", {-1}}};
  return spec;
}

TEST(TorchTensors, AnInputIsSeenWhereItIs) {
  std::vector<float> values = {1, 2, 3};
  const TensorIn input = {
      .datatype = "FP32",
      .shape = {3, 1},
      .data = reinterpret_cast<const std::byte*>(values.data()),
      .bytes = 12,
  };
  const at::Tensor view = TensorOf(input, at::kCPU, /*copy=*/false);
  const at::Tensor copy = TensorOf(input, at::kCPU, /*copy=*/true);
  values[1] = 9;
  EXPECT_THAT(view.sizes().vec(), ElementsAre(3, 1));
  EXPECT_EQ(view[1].item<float>(), 9);
  EXPECT_EQ(copy[1].item<float>(), 2);
  EXPECT_EQ(BatchOf(TwoOutputs(), std::span(&input, 1)), 3);
  EXPECT_EQ(BatchOf({}, std::span(&input, 1)), 0) << "no batch dimension";
}

TEST(TorchTensors, TypeAndShapeOfAnOutputAreThoseOfTheConfiguration) {
  const std::vector<TensorSpec> outputs = TwoOutputs().outputs;
  EXPECT_TRUE(CheckOutput(at::ones({4, 2}), outputs[0], 4).ok());
  EXPECT_TRUE(CheckOutput(at::ones({9}, at::kLong), outputs[1], 0).ok());
  EXPECT_FALSE(CheckOutput(at::ones({3, 2}), outputs[0], 4).ok()) << "another batch";
  EXPECT_FALSE(CheckOutput(at::ones({4, 2}), outputs[0], 0).ok()) << "no batch dimension";
  EXPECT_EQ(CheckOutput(at::ones({4, 2}, at::kDouble), outputs[0], 4).message(),
            "the module answered output a with Double [4, 2]; its configuration says FP32 [4, 2]");
}

TEST(TorchTensors, AnAnswerIsCopiedToWhereItIsWanted) {
  std::vector<float> a(4);
  std::vector<int64_t> b(2);
  const auto allocate = [&](int index, const std::vector<int64_t>&, size_t bytes) {
    EXPECT_EQ(bytes, 16U);
    return index == 0 ? reinterpret_cast<std::byte*>(a.data())
                      : reinterpret_cast<std::byte*>(b.data());
  };
  // Strides of another layout: the answer is contiguous.
  const at::Tensor transposed = at::arange(4, at::kFloat).view({2, 2}).t();
  EXPECT_TRUE(Answer({transposed, at::full({2, 1}, 7, at::kLong)}, TwoOutputs(), 2, allocate).ok());
  EXPECT_THAT(a, ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(b, ElementsAre(7, 7));
}

TEST(TorchTensors, AnAnswerThatDoesNotFitIsRefused) {
  const auto nowhere = [](int, const std::vector<int64_t>&, size_t) -> std::byte* {
    return nullptr;
  };
  EXPECT_EQ(Answer({at::ones({2, 2})}, TwoOutputs(), 2, nowhere).message(),
            "the module answered with 1 tensors; its configuration has 2 outputs");
  EXPECT_EQ(
      Answer({at::ones({2, 2}), at::ones({2, 1}, at::kLong)}, TwoOutputs(), 2, nowhere).code(),
      absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace normbench
