// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/shape.h"

#include <gtest/gtest.h>

#include <limits>

namespace normbench {
namespace {

std::string ErrorOf(std::vector<int64_t> dims) {
  const absl::StatusOr<Shape> shape = Shape::Create(dims);
  EXPECT_EQ(shape.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(shape.status().message());
}

std::string TextError(std::string_view text) {
  const absl::StatusOr<Shape> shape = Shape::Parse(text);
  EXPECT_EQ(shape.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(shape.status().message());
}

TEST(Shape, KnowsItsDimensions) {
  const Shape image = Shape::Create(std::vector<int64_t>{8, 64, 56, 28}).value();
  EXPECT_EQ(image.rank(), 4);
  EXPECT_EQ(image.n(), 8);
  EXPECT_EQ(image.channels(), 64);
  EXPECT_EQ(image.spatial(), 56 * 28);
  EXPECT_EQ(image.elements(), 8 * 64 * 56 * 28);
  EXPECT_EQ(image.ToString(), "8x64x56x28");
  const Shape row = Shape::Create(std::vector<int64_t>{3, 5}).value();
  EXPECT_EQ(row.rank(), 2);
  EXPECT_EQ(row.spatial(), 1);
  EXPECT_EQ(row.elements(), 15);
  EXPECT_EQ(Shape::Parse("2x3x50")->spatial(), 50);
  EXPECT_EQ(Shape::Parse("2x3x4x5x6")->spatial(), 120);
}

TEST(Shape, IsReadFromText) {
  EXPECT_EQ(Shape::Parse("8x64x56x56").value(),
            Shape::Create(std::vector<int64_t>{8, 64, 56, 56}).value());
  EXPECT_EQ(Shape::Parse("1x1").value().ToString(), "1x1");
}

TEST(Shape, RefusesDimensionsByName) {
  EXPECT_EQ(ErrorOf({0, 4}), "shape[0] (N): 0; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({1, -1}), "shape[1] (C): -1; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({1, 2, 0, 3}), "shape[2] (H): 0; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({1, 2, 0}), "shape[2] (L): 0; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({1, 2, 0, 3, 4}), "shape[2] (D): 0; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({1, 2, 3, 2147483648}), "shape[3] (W): 2147483648; allowed: 1 .. 2147483647");
}

TEST(Shape, RefusesOtherRanks) {
  const std::string allowed = "; allowed: 2 (N, C) to 5 (N, C, D, H, W)";
  EXPECT_EQ(ErrorOf({}), "shape: rank 0" + allowed);
  EXPECT_EQ(ErrorOf({7}), "shape: rank 1" + allowed);
  EXPECT_EQ(ErrorOf({1, 2, 3, 4, 5, 6}), "shape: rank 6" + allowed);
}

// 2^32 * 2^32 is 0 in 64 bits; 65536 * 65536 * 65536 * 65536 likewise, in steps that each look
// small.
TEST(Shape, RefusesProductsThatOverflow) {
  EXPECT_EQ(ErrorOf({65536, 65536, 65536, 65536}),
            "shape: 65536x65536x65536x65536 has too many elements; allowed: 1 .. 2147483647");
  EXPECT_EQ(ErrorOf({2, 1073741824}),
            "shape: 2x1073741824 has too many elements; allowed: 1 .. 2147483647");
  EXPECT_NE(ErrorOf({std::numeric_limits<int64_t>::max(), 2}), "");
  EXPECT_TRUE(Shape::Create(std::vector<int64_t>{1, Shape::kMaxElements}).ok());
}

TEST(Shape, RefusesTextThatIsNotAShape) {
  for (std::string_view text : {"", "x", "8x", "x8", "8x64x", "8 x 64", "8x6a", "8,64", "-",
                                "8.5x2", "99999999999999999999x2", "8xx64"}) {
    EXPECT_EQ(TextError(text), "shape: '" + std::string(text) +
                                   "' is not whole numbers joined by x; allowed: for example "
                                   "8x64x56x56");
  }
  EXPECT_EQ(TextError("8x-1"), "shape[1] (C): -1; allowed: 1 .. 2147483647");
  EXPECT_EQ(TextError("1x2x3x4x5x6x7"), "shape: rank 6; allowed: 2 (N, C) to 5 (N, C, D, H, W)");
  EXPECT_LT(TextError(std::string(1 << 20, 'a')).size(), 200u);
}

}  // namespace
}  // namespace normbench
