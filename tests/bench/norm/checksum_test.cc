// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/checksum.h"

#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

// The published value of XXH3_64bits for the empty input.
TEST(Checksum, IsXxh3) {
  EXPECT_EQ(Checksum("", 0), 0x2D06800538D394C2u);
}

TEST(Checksum, SeesOneBitAnywhere) {
  std::vector<unsigned char> data(4099, 7);
  const uint64_t before = Checksum(data.data(), data.size());
  for (size_t i = 0; i < data.size(); i += 31) {
    data[i] ^= 1;
    EXPECT_NE(Checksum(data.data(), data.size()), before) << i;
    data[i] ^= 1;
  }
  EXPECT_EQ(Checksum(data.data(), data.size()), before);
}

TEST(Checksum, TellsLengthsAndSeedsApart) {
  const std::vector<unsigned char> zeros(64, 0);
  EXPECT_NE(Checksum(zeros.data(), 63), Checksum(zeros.data(), 64));
  EXPECT_NE(Checksum(zeros.data(), 64, 1), Checksum(zeros.data(), 64, 2));
}

// Equal as numbers, different as bits.
TEST(Checksum, TellsZeroFromMinusZero) {
  const float plus = 0.0f, minus = -0.0f;
  EXPECT_NE(Checksum(&plus, sizeof plus), Checksum(&minus, sizeof minus));
}

}  // namespace
}  // namespace normbench
