// SPDX-License-Identifier: Apache-2.0
#include "server/backends/tensor_positions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<TensorSpec> Tensors(const std::vector<std::string>& names) {
  std::vector<TensorSpec> tensors;
  for (const std::string& name : names) {
    tensors.emplace_back();
    tensors.back().name = name;
  }
  return tensors;
}

TEST(PositionsOf, TheNumberInTheNames) {
  EXPECT_THAT(*PositionsOf("input", Tensors({"INPUT__1", "mask__0", "a__b__2"})),
              ElementsAre(1, 0, 2));
}

TEST(PositionsOf, TheNamesOfTheArguments) {
  const std::vector<std::string> arguments = {"x", "mask", "scale"};
  EXPECT_THAT(*PositionsOf("input", Tensors({"mask", "x"}), arguments), ElementsAre(1, 0));
}

TEST(PositionsOf, ElseTheOrderOfTheConfiguration) {
  const std::vector<std::string> arguments = {"x", "mask"};
  EXPECT_THAT(*PositionsOf("input", Tensors({"image", "x"}), arguments), ElementsAre(0, 1));
  EXPECT_THAT(*PositionsOf("input", Tensors({"a__1", "b"})), ElementsAre(0, 1));
  EXPECT_THAT(*PositionsOf("input", Tensors({"a__", "b__-1"})), ElementsAre(0, 1));
}

TEST(PositionsOf, NoPositionTwiceAndNoneLeftOut) {
  EXPECT_THAT(std::string(PositionsOf("input", Tensors({"a__0", "b__0"})).status().message()),
              HasSubstr("input: by their names in positions 0, 0; allowed: each of 0 to 1 once"));
  const std::vector<std::string> arguments = {"x", "mask", "scale"};
  EXPECT_EQ(PositionsOf("input", Tensors({"x", "scale"}), arguments).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
