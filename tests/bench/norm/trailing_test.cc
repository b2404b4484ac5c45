// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/trailing.h"

#include <gtest/gtest.h>

#include <string>

#include "bench/norm/reference.h"

namespace normbench {
namespace {

const Shape kShape = Shape::Parse("2x3x4x5").value();

std::string Over(int trailing) {
  return OverTrailing(trailing, Method::kLayer, Layout::kNchw, kShape)->ToString();
}

std::string ErrorOf(int trailing, Method method = Method::kRms, Layout layout = Layout::kNchw) {
  return std::string(OverTrailing(trailing, method, layout, kShape).status().message());
}

TEST(OverTrailing, MakesOneDimensionOfThoseThatLead) {
  EXPECT_EQ(Over(0), "2x3x4x5");
  EXPECT_EQ(Over(3), "2x3x4x5");
  EXPECT_EQ(Over(2), "6x4x5");
  EXPECT_EQ(Over(1), "24x5");
}

// Rows of five that start at 0, 5, ...: mean 2, 7, ..., variance 2.
TEST(OverTrailing, GivesEachRowItsOwnStatistics) {
  std::vector<float> x(120);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  const NormSpec spec = {.method = Method::kLayer, .affine = Affine::kNone, .eps = 2};
  const Shape rows = *OverTrailing(1, spec.method, Layout::kNchw, kShape);
  const ReferenceResult result = ReferenceNorm(spec, rows, {.x = x.data()});
  ASSERT_EQ(result.mean.size(), 24u);
  for (size_t row = 0; row < 24; ++row) {
    EXPECT_EQ(result.mean[row], 5.0 * static_cast<double>(row) + 2);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(result.y[row * 5 + i], (i - 2) / 2.0);
  }
}

TEST(OverTrailing, NamesWhatIsNotAllowed) {
  EXPECT_EQ(ErrorOf(1, Method::kGroup),
            "trailing: 1 with norm group; allowed: absent (layer and rms have it)");
  EXPECT_EQ(ErrorOf(4), "trailing: 4 with shape 2x3x4x5; allowed: 1 .. 3");
  EXPECT_EQ(ErrorOf(-1), "trailing: -1 with shape 2x3x4x5; allowed: 1 .. 3");
  EXPECT_EQ(ErrorOf(2, Method::kRms, Layout::kNhwc),
            "trailing: 2 with layout nhwc; allowed: 3, all after N");
  EXPECT_EQ(ErrorOf(3, Method::kRms, Layout::kNhwc), "");
}

}  // namespace
}  // namespace normbench
