// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/tensor_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "bench/norm/half.h"

namespace normbench {
namespace {

using testing::ElementsAre;

Shape Parsed(std::string_view text) {
  return Shape::Parse(text).value();
}

std::vector<float> Counted(const Shape& shape) {
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

TEST(TensorFormat, PutsTheChannelsLastInAnyRank) {
  for (std::string_view text : {"2x3x2", "2x3x2x1", "2x3x1x1x2"}) {
    std::vector<float> packed(12);
    const std::vector<float> values = Counted(Parsed(text));
    Pack({DType::kF32, Layout::kNhwc}, Parsed(text), std::span<const float>(values), packed.data());
    EXPECT_THAT(packed, ElementsAre(0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11)) << text;
  }
}

TEST(TensorFormat, IsReadBackExactly) {
  for (std::string_view text : {"3x4", "2x3x5", "2x3x4x5", "2x3x2x4x5"}) {
    const Shape shape = Parsed(text);
    const std::vector<float> values = Counted(shape);  // small whole numbers: exact in all
    for (DType dtype : kDTypes) {
      for (Layout layout : kLayouts) {
        const TensorFormat format = {dtype, layout};
        if (!Validate(format, shape).ok()) continue;
        std::vector<std::byte> bytes(static_cast<size_t>(PackedBytes(format, shape)));
        EXPECT_EQ(bytes.size(), values.size() * (dtype == DType::kF32 ? 4 : 2));
        Pack(format, shape, std::span<const float>(values), bytes.data());
        std::vector<float> back(values.size());
        Unpack(format, shape, bytes.data(), back);
        EXPECT_EQ(back, values) << text << Name(dtype) << Name(layout);
      }
    }
  }
}

TEST(TensorFormat, NamesThePairThatCannotBe) {
  EXPECT_EQ(Validate({DType::kF16, Layout::kNhwc}, Parsed("3x4")).message(),
            "layout: nhwc with shape 3x4; allowed: nchw (nhwc: ranks 3 to 5)");
  EXPECT_TRUE(Validate({DType::kF16, Layout::kNchw}, Parsed("3x4")).ok());
  EXPECT_TRUE(Validate({DType::kF16, Layout::kNhwc}, Parsed("3x4x1")).ok());
}

// Halfway between two float16 but for a bit that float32 does not have: rounding twice would go to
// the even neighbour, 1.
TEST(RoundTo, RoundsOnce) {
  EXPECT_EQ(RoundTo(DType::kF16, 1 + 0x1p-11 + 0x1p-40), 1 + 0x1p-10);
  EXPECT_EQ(RoundTo(DType::kF16, 1 + 0x1p-11 - 0x1p-40), 1);
  EXPECT_EQ(RoundTo(DType::kF16, 1 + 0x1p-11), 1);
  EXPECT_EQ(RoundTo(DType::kF16, -1 - 0x1p-11 - 0x1p-40), -1 - 0x1p-10);
  EXPECT_EQ(RoundTo(DType::kBf16, 1 + 0x1p-8 + 0x1p-40), 1 + 0x1p-7);
  EXPECT_EQ(RoundTo(DType::kBf16, 1 + 0x1p-8 - 0x1p-40), 1);
  EXPECT_EQ(RoundTo(DType::kF32, 1 + 0x1p-24 + 0x1p-50), 1 + 0x1p-23);
}

TEST(RoundTo, KnowsTheEndsOfTheTypes) {
  EXPECT_EQ(RoundTo(DType::kF16, 65519.999), 65504);
  EXPECT_EQ(RoundTo(DType::kF16, 65520), INFINITY);
  EXPECT_EQ(RoundTo(DType::kF16, -1e300), -INFINITY);
  EXPECT_EQ(RoundTo(DType::kF16, 0x1p-25), 0);
  EXPECT_EQ(RoundTo(DType::kF16, 0x1p-25 + 0x1p-60), 0x1p-24);
  EXPECT_TRUE(std::isnan(RoundTo(DType::kBf16, NAN)));
}

TEST(Pack, RoundsValuesOfEitherWidthAlike) {
  const Shape shape = Parsed("1x3");
  const std::vector<double> wide = {1.0 / 3, -1e-5, 12345.678};
  const std::vector<float> narrow(wide.begin(), wide.end());
  std::vector<uint16_t> from_wide(3), from_narrow(3);
  const TensorFormat format = {DType::kF16, Layout::kNchw};
  Pack(format, shape, std::span<const double>(wide), from_wide.data());
  Pack(format, shape, std::span<const float>(narrow), from_narrow.data());
  EXPECT_EQ(from_wide, from_narrow);
  EXPECT_EQ(from_narrow[0], F16OfF32(1.0f / 3));
}

}  // namespace
}  // namespace normbench
