// SPDX-License-Identifier: Apache-2.0
// The literals come from a Python program with its own Philox4x32-10 and numpy's float32.
#include "bench/data/photometric.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cmath>

namespace normbench {
namespace {

struct Moments {
  double mean = 0, deviation = 0, smallest = 1e9, largest = -1e9;
};

template <typename Value>
Moments MomentsOf(Value value) {
  constexpr int kCount = 10000;
  Moments m;
  double squares = 0;
  for (uint64_t i = 0; i < kCount; ++i) {
    const double v = value(TestExposure(kTestDrawSeed, i));
    m.mean += v / kCount;
    squares += v * v / kCount;
    m.smallest = std::min(m.smallest, v);
    m.largest = std::max(m.largest, v);
  }
  m.deviation = std::sqrt(squares - m.mean * m.mean);
  return m;
}

TEST(PhotometricTest, TestExposureLiterals) {
  EXPECT_EQ(TestExposure(1, 0).gain, 0x1.7bb71cp-5F);
  EXPECT_EQ(TestExposure(1, 0).offset, -0x1.25f2a2p+0F);
  EXPECT_EQ(TestExposure(1, 9999).gain, 0x1.3d36c2p-2F);
  EXPECT_EQ(TestExposure(1, 9999).offset, -0x1.23faa0p+0F);
  EXPECT_EQ(TestExposure(2, 0).gain, 0x1.536600p-3F);
  EXPECT_EQ(TestExposure(2, 0).offset, 0x1.3c1886p-2F);
}

TEST(PhotometricTest, TrainExposureLiterals) {
  EXPECT_EQ(TrainExposure(1, 0, 0).gain, 0x1.5cd84ap-4F);
  EXPECT_EQ(TrainExposure(1, 0, 0).offset, -0x1.ef5622p-3F);
  EXPECT_EQ(TrainExposure(1, 1, 0).gain, 0x1.ee39d4p-3F);
  EXPECT_EQ(TrainExposure(1, 5, 59999).offset, 0x1.ba7fc6p-2F);
}

// log10(gain) is U(-1.5, 0.8) and offset U(-1.5, 1.5); 10,000 draws, about four standard errors.
TEST(PhotometricTest, DrawsFillTheirRange) {
  const Moments gain = MomentsOf([](Exposure e) { return std::log10(double{e.gain}); });
  EXPECT_NEAR(gain.mean, -0.35, 0.027);
  EXPECT_NEAR(gain.deviation, 2.3 / std::sqrt(12.0), 0.013);
  EXPECT_NEAR(gain.smallest, -1.5, 0.002);
  EXPECT_NEAR(gain.largest, 0.8, 0.002);
  const Moments offset = MomentsOf([](Exposure e) { return double{e.offset}; });
  EXPECT_NEAR(offset.mean, 0, 0.035);
  EXPECT_NEAR(offset.deviation, 3 / std::sqrt(12.0), 0.017);
  EXPECT_NEAR(offset.smallest, -1.5, 0.002);
  EXPECT_NEAR(offset.largest, 1.5, 0.002);
}

TEST(PhotometricTest, ExposeByHand) {
  std::array<uint8_t, kImagePixels> pixels = {};
  pixels[1] = 255;
  pixels[783] = 51;
  std::array<float, kImagePixels> x = {};
  Expose(pixels, {.gain = 2, .offset = 0.5F}, x);
  EXPECT_NEAR(x[0], (0.5 - 0.2860) / 0.3530, 1e-6);
  EXPECT_NEAR(x[1], (2.5 - 0.2860) / 0.3530, 1e-6);
  EXPECT_NEAR(x[783], (0.4 + 0.5 - 0.2860) / 0.3530, 1e-6);
}

// Everything at once: trainer, client and this test must see these bits.
TEST(PhotometricTest, FirstTestImageHasTheseBits) {
  const auto set = ReadFashionMnist(FashionMnistFolder(), Split::kTest);
  ASSERT_TRUE(set.ok()) << set.status();
  std::array<float, kImagePixels> x = {};
  Expose(set->image(0), TestExposure(kTestDrawSeed, 0), x);
  EXPECT_EQ(x[0], -0x1.0407f2p+2F);
  EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(x.data()), sizeof(x)), 0x6892d8a1U);
}

}  // namespace
}  // namespace normbench
