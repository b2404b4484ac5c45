// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/moments.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "bench/norm/half.h"

namespace normbench {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Moments, OfShiftedSums) {
  // 1, 2, 3, 4 around 2.
  const Moments moments = MomentsOf({.s = 2, .q = 6}, 2, 4);
  EXPECT_EQ(moments.mean, 2.5);
  EXPECT_EQ(moments.variance, 1.25);
}

TEST(Moments, AVarianceIsNotNegative) {
  EXPECT_EQ(MomentsOf({.s = 3, .q = 2.999999}, 0, 3).variance, 0);
}

TEST(Moments, NanStays) {
  EXPECT_TRUE(std::isnan(MomentsOf({.s = kNan, .q = 1}, 0, 3).mean));
}

TEST(Moments, RangeIsWhatFloat32CanSquare) {
  const Moments moments = {.mean = 1, .variance = 1};
  EXPECT_TRUE(IsInRange({1, 2}, moments, 1e-5));
  for (double bad : {kInf, -kInf, kNan}) {
    EXPECT_FALSE(IsInRange({bad, 2}, moments, 1e-5));
    EXPECT_FALSE(IsInRange({1, bad}, moments, 1e-5));
  }
  EXPECT_FALSE(IsInRange({1, 2}, {1, 0x1p-101}, 0));
  EXPECT_TRUE(IsInRange({1, 2}, {1, 0x1p-100}, 0));
  EXPECT_TRUE(IsInRange({1, 2}, {1, 0}, 0x1p-100)) << "beside eps such a variance is nothing";
}

TEST(Moments, LanesAreAddedUpAsATree) {
  std::array<double, 32> lanes{};
  for (int i = 0; i < 16; ++i) {
    lanes[i] = i + 1;
    lanes[16 + i] = 100 * (i + 1);
  }
  EXPECT_EQ(SumLanes(lanes.data()).s, 136);
  EXPECT_EQ(SumLanes(lanes.data()).q, 13600);
  // Halves first: one after the other would lose the 1.
  std::array<double, 32> order{};
  order[0] = order[16] = 1e17;
  order[7] = order[23] = 1;
  order[8] = order[24] = -1e17;
  EXPECT_EQ(SumLanes(order.data()).s, 1);
  EXPECT_EQ(SumLanes(order.data()).q, 1);
}

TEST(PreciseMoments, OfPieces) {
  // Two pieces of two, three apart; between them what is not theirs.
  const std::vector<float> x = {1, 2, 99, 3, 4, 99};
  const Pieces pieces = {.x = x.data(), .count = 2, .length = 2, .stride = 3};
  EXPECT_EQ(PreciseMoments(DType::kF32, pieces, true).mean, 2.5);
  EXPECT_EQ(PreciseMoments(DType::kF32, pieces, true).variance, 1.25);
  EXPECT_EQ(PreciseMoments(DType::kF32, pieces, false).mean, 0);
  EXPECT_EQ(PreciseMoments(DType::kF32, pieces, false).variance, 7.5);
}

TEST(PreciseMoments, KnowsEveryDType) {
  std::vector<uint16_t> f16, bf16;
  for (float value : {1.0f, 2.0f, 3.0f, 4.0f}) {
    f16.push_back(F16OfF32(value));
    bf16.push_back(Bf16OfF32(value));
  }
  EXPECT_EQ(PreciseMoments(DType::kF16, {.x = f16.data(), .length = 4}, true).variance, 1.25);
  EXPECT_EQ(PreciseMoments(DType::kBf16, {.x = bf16.data(), .length = 4}, true).variance, 1.25);
}

TEST(PreciseMoments, SquaresWhatFloat32Cannot) {
  const std::vector<float> large = {1e30f, 3e30f}, small = {1e-30f, 3e-30f};
  const auto of = [](const std::vector<float>& x) {
    return PreciseMoments(DType::kF32, {.x = x.data(), .length = 2}, true);
  };
  // The inputs are float32 values near these powers.
  EXPECT_NEAR(of(large).mean, 2e30, 1e24);
  EXPECT_NEAR(of(large).variance, 1e60, 1e54);
  EXPECT_NEAR(of(small).mean, 2e-30, 1e-36);
  EXPECT_NEAR(of(small).variance, 1e-60, 1e-66);
}

TEST(Standard, KeepsTheMeanInTwoParts) {
  const double mean = 1e5 + 1.0 / 3;
  const Standard standard = StandardOf({.mean = mean, .variance = 0.75}, 0.25);
  EXPECT_EQ(standard.high, static_cast<float>(mean));
  EXPECT_NE(standard.low, 0);
  EXPECT_NEAR(static_cast<double>(standard.high) + standard.low, mean, 1e-9);
  EXPECT_EQ(standard.rstd, 1);
  EXPECT_EQ(StandardOf({.mean = 0, .variance = 3}, 1).rstd, 0.5f);
}

// As one by one, bit for bit.
TEST(Standards, OfManyGroupsAtOnce) {
  constexpr int64_t kCount = 37, kLength = 50;
  std::vector<double> s, q;
  std::vector<float> shifts, low(kCount), rstd(kCount);
  for (int i = 0; i < kCount; ++i) {
    s.push_back(i * 0.7 - 3);
    q.push_back(20 + i);
    shifts.push_back(static_cast<float>(i) * 1e3f);
  }
  std::vector<float> high = shifts;
  ASSERT_TRUE(StandardsOf(s.data(), q.data(), kCount, kLength, 1e-5,
                          {high.data(), low.data(), rstd.data()}));
  for (size_t i = 0; i < kCount; ++i) {
    const Standard one =
        StandardOf(MomentsOf({s[i], q[i]}, static_cast<double>(shifts[i]), kLength), 1e-5);
    EXPECT_EQ(high[i], one.high);
    EXPECT_EQ(low[i], one.low);
    EXPECT_EQ(rstd[i], one.rstd);
  }
}

TEST(Standards, AreLeftAloneWhereOneIsOutOfRange) {
  for (double bad : {kInf, kNan, 0.0}) {  // 0: with this eps too small a variance
    const std::vector<double> s = {1, 0, 3}, q = {4, bad, 6};
    const std::vector<float> untouched = {-1, -1, -1};
    std::vector<float> high = {7, 8, 9}, low = untouched, rstd = untouched;
    EXPECT_FALSE(
        StandardsOf(s.data(), q.data(), 3, 10, 1e-38, {high.data(), low.data(), rstd.data()}));
    EXPECT_EQ(high, (std::vector<float>{7, 8, 9}));
    EXPECT_EQ(low, untouched);
    EXPECT_EQ(rstd, untouched);
  }
}

}  // namespace
}  // namespace normbench
