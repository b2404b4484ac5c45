// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

using ::testing::HasSubstr;

const TensorSpec kImage = {.name = "x", .datatype = "FP32", .dims = {1, 28, -1}};

ModelSpec Batched() {
  ModelSpec model;
  model.max_batch_size = 8;
  return model;
}

std::string ShapeError(const std::vector<int64_t>& shape, const ModelSpec& model = Batched()) {
  const auto elements = CheckShape("inputs[0] 'x'", shape, model, kImage);
  EXPECT_EQ(elements.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(elements.status().message());
}

TEST(InferTensorsTest, AcceptsWhatTheModelTakes) {
  EXPECT_EQ(*CheckShape("x", std::vector<int64_t>{1, 1, 28, 1}, Batched(), kImage), 28);
  EXPECT_EQ(*CheckShape("x", std::vector<int64_t>{8, 1, 28, 28}, Batched(), kImage), 6272);
  EXPECT_EQ(*CheckShape("x", std::vector<int64_t>{1, 28, 2}, ModelSpec(), kImage), 56);
}

TEST(InferTensorsTest, NamesRankBatchAndDimension) {
  EXPECT_EQ(ShapeError({1, 28, 28}),
            "inputs[0] 'x'.shape: 3 dimensions; allowed: 4 ([-1, 1, 28, -1])");
  EXPECT_THAT(ShapeError({}), HasSubstr("0 dimensions"));
  EXPECT_THAT(ShapeError(std::vector<int64_t>(100000, 1)), HasSubstr("100000 dimensions"));
  EXPECT_EQ(ShapeError({9, 1, 28, 28}),
            "inputs[0] 'x'.shape[0]: batch of 9; allowed: 1 to 8 (max_batch_size)");
  EXPECT_EQ(ShapeError({1, 1, 27, 28}), "inputs[0] 'x'.shape[2]: 27; allowed: 28");
}

TEST(InferTensorsTest, RefusesZeroAndNegative) {
  EXPECT_THAT(ShapeError({0, 1, 28, 28}), HasSubstr("shape[0]: batch of 0"));
  EXPECT_THAT(ShapeError({-1, 1, 28, 28}), HasSubstr("shape[0]: batch of -1"));
  EXPECT_EQ(ShapeError({1, 1, 28, 0}), "inputs[0] 'x'.shape[3]: 0; allowed: 1 to 2147483647");
  EXPECT_THAT(ShapeError({1, 1, 28, -1}), HasSubstr("shape[3]: -1"));
  EXPECT_THAT(ShapeError({1, 28, INT64_MIN}, ModelSpec()), HasSubstr("-9223372036854775808"));
}

TEST(InferTensorsTest, RefusesAProductThatOverflows) {
  EXPECT_THAT(ShapeError({8, 1, 28, 2147483647}), HasSubstr("more than 2147483647 elements"));
  EXPECT_THAT(ShapeError({1, 1, 28, INT64_MAX}), HasSubstr("shape[3]"));
  // 28 x 76695845 = 2147483660 is the first product over the limit.
  EXPECT_THAT(ShapeError({1, 1, 28, 76695845}), HasSubstr("more than"));
  EXPECT_EQ(*CheckShape("x", std::vector<int64_t>{1, 1, 28, 76695844}, Batched(), kImage),
            2147483632);
}

TEST(InferTensorsTest, OutputBytes) {
  const TensorSpec logits = {.name = "y", .datatype = "FP32", .dims = {10}};
  EXPECT_EQ(OutputBytes(Batched(), logits, 8), 320);
  EXPECT_EQ(OutputBytes(ModelSpec(), logits, 1), 40);
  EXPECT_EQ(OutputBytes(Batched(), kImage, 8), 0);
  const TensorSpec words = {.name = "y", .datatype = "BYTES", .dims = {10}};
  EXPECT_EQ(OutputBytes(Batched(), words, 8), 0);
}

}  // namespace
}  // namespace normbench
