// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace normbench {
namespace {

constexpr uint32_t kAll = 65536;

// By the definition of the formats, in float64.
double ValueOf(uint32_t bits, int exponent_bits, int fraction_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const double fraction =
      (bits & ((1u << fraction_bits) - 1)) / static_cast<double>(1 << fraction_bits);
  const double sign = bits & 0x8000u ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : NAN;
  }
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - bias)
                       : sign * std::ldexp(1 + fraction, exponent - bias);
}

struct Format {
  const char* name;
  int exponent_bits, fraction_bits;
  float (*widen)(uint16_t);
  uint16_t (*narrow)(float);
};

class Half : public testing::TestWithParam<Format> {};

INSTANTIATE_TEST_SUITE_P(Formats, Half,
                         testing::Values(Format{"f16", 5, 10, F32OfF16, F16OfF32},
                                         Format{"bf16", 8, 7, F32OfBf16, Bf16OfF32}),
                         [](const auto& format) { return format.param.name; });

TEST_P(Half, EveryValueIsWidenedExactly) {
  for (uint32_t bits = 0; bits < kAll; ++bits) {
    const double expected = ValueOf(bits, GetParam().exponent_bits, GetParam().fraction_bits);
    const float value = GetParam().widen(static_cast<uint16_t>(bits));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << bits;
    } else {
      ASSERT_EQ(value, expected) << bits;
      ASSERT_EQ(std::signbit(value), std::signbit(expected)) << bits;
    }
  }
}

TEST_P(Half, EveryValueComesBack) {
  for (uint32_t bits = 0; bits < kAll; ++bits) {
    const float value = GetParam().widen(static_cast<uint16_t>(bits));
    const uint16_t back = GetParam().narrow(value);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(GetParam().widen(back))) << bits;
    } else {
      ASSERT_EQ(back, bits);
    }
  }
}

// Between each two neighbours: the middle goes to the even one, a float32 beside it to the nearer.
TEST_P(Half, RoundsToNearestAndTiesToEven) {
  const auto infinity =
      static_cast<uint32_t>(((1 << GetParam().exponent_bits) - 1) << GetParam().fraction_bits);
  for (uint32_t low = 0; low + 1 < infinity; ++low) {
    for (const uint32_t sign : {0u, 0x8000u}) {
      const double a = GetParam().widen(static_cast<uint16_t>(low | sign));
      const double b = GetParam().widen(static_cast<uint16_t>((low + 1) | sign));
      const auto middle = static_cast<float>((a + b) / 2);  // one bit more than both: exact
      const uint32_t even = low % 2 == 0 ? low : low + 1;
      ASSERT_EQ(GetParam().narrow(middle), even | sign) << low;
      ASSERT_EQ(GetParam().narrow(std::nextafter(middle, static_cast<float>(a))), low | sign);
      ASSERT_EQ(GetParam().narrow(std::nextafter(middle, static_cast<float>(b))), (low + 1) | sign);
    }
  }
}

TEST_P(Half, BeyondTheLargestIsInfinite) {
  const auto infinity =
      static_cast<uint32_t>(((1 << GetParam().exponent_bits) - 1) << GetParam().fraction_bits);
  const double largest = GetParam().widen(static_cast<uint16_t>(infinity - 1));
  const double step = largest - GetParam().widen(static_cast<uint16_t>(infinity - 2));
  const auto limit = static_cast<float>(largest + step / 2);
  EXPECT_EQ(GetParam().narrow(limit), infinity);
  EXPECT_EQ(GetParam().narrow(std::nextafter(limit, 0.0f)), infinity - 1);
  EXPECT_EQ(GetParam().narrow(-std::numeric_limits<float>::infinity()), infinity | 0x8000u);
  EXPECT_EQ(GetParam().narrow(std::numeric_limits<float>::denorm_min()), 0);
}

}  // namespace
}  // namespace normbench
