// SPDX-License-Identifier: Apache-2.0
#include "bench/report/format.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace normbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FormatNumber, HasThreeSignificantDigits) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(0.66), "0.660");
  EXPECT_EQ(FormatNumber(0.0123), "0.012");
  EXPECT_EQ(FormatNumber(1.4), "1.40");
  EXPECT_EQ(FormatNumber(9.994), "9.99");
  EXPECT_EQ(FormatNumber(9.996), "10.0");
  EXPECT_EQ(FormatNumber(61.04), "61.0");
  EXPECT_EQ(FormatNumber(99.96), "100");
  EXPECT_EQ(FormatNumber(0.9996), "1.00");
  EXPECT_EQ(FormatNumber(1480.4), "1480");
  EXPECT_EQ(FormatNumber(-2.5), "-2.50");
  EXPECT_EQ(FormatNumber(1.234e-7), "1.23e-07");
  EXPECT_EQ(FormatNumber(1.234e9), "1.23e+09");
  EXPECT_EQ(FormatNumber(kInfinity), "inf");
  EXPECT_EQ(FormatNumber(-kInfinity), "-inf");
  EXPECT_EQ(FormatNumber(std::nan("")), "nan");
}

TEST(FormatSeconds, ChoosesTheUnit) {
  EXPECT_EQ(FormatSeconds(134e-6), "134 us");
  EXPECT_EQ(FormatSeconds(0.0041), "4.10 ms");
  EXPECT_EQ(FormatSeconds(1.73), "1.73 s");
  EXPECT_EQ(FormatSeconds(0.9999), "1.00 s");
  EXPECT_EQ(FormatSeconds(999.9e-6), "1.00 ms");
  EXPECT_EQ(FormatSeconds(kInfinity), "inf");
}

TEST(FormatDuration, ReadsLikeAClock) {
  EXPECT_EQ(FormatDuration(44.6), "45s");
  EXPECT_EQ(FormatDuration(190), "3m10s");
  EXPECT_EQ(FormatDuration(59.7), "1m00s");
  EXPECT_EQ(FormatDuration(3720), "1h02m");
}

TEST(FormatBytes, IsDecimal) {
  EXPECT_EQ(FormatBytes(210e6), "210 MB");
  EXPECT_EQ(FormatBytes(1.5e9), "1.50 GB");
  EXPECT_EQ(FormatBytes(2000), "2.00 kB");
}

TEST(UnitFor, SuitsTheColumnNotItsExtremes) {
  EXPECT_EQ(UnitFor({61e-6, 500e-6, 20e-3}).name, "us");
  EXPECT_EQ(UnitFor({0.66e-3, 1.71e-3, 4e-3}).name, "ms");
  EXPECT_EQ(UnitFor({2, kInfinity, 0}).name, "s");
  EXPECT_EQ(UnitFor({}).name, "us");
}

}  // namespace
}  // namespace normbench
