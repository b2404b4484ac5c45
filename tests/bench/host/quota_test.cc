// SPDX-License-Identifier: Apache-2.0
#include "bench/host/quota.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(CpuQuota, OfVersion2IsAShareOfAPeriod) {
  EXPECT_EQ(ParseCpuMax("150000 100000\n"), 1.5);
  EXPECT_EQ(ParseCpuMax("max 100000\n"), std::nullopt);
}

TEST(CpuQuota, OfVersion1IsInTwoFiles) {
  EXPECT_EQ(ParseCfsQuota("400000\n", "100000\n"), 4);
  EXPECT_EQ(ParseCfsQuota("-1\n", "100000\n"), std::nullopt);
}

TEST(CpuQuota, IsNothingFromOtherTexts) {
  for (const char* text : {"", "150000", "150000 ", "150000 0", "x 100000", "1 2 3", "0 100000"}) {
    EXPECT_EQ(ParseCpuMax(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseCfsQuota("", ""), std::nullopt);
  EXPECT_EQ(ParseCfsQuota("400000", ""), std::nullopt);
}

TEST(MemoryLimit, IsInBytes) {
  EXPECT_EQ(ParseMemoryMax("536870912\n"), 536870912);
}

TEST(MemoryLimit, IsNothingWhereThereIsNone) {
  for (const char* text : {"", "max\n", "9223372036854771712\n", "-1", "x"}) {
    EXPECT_EQ(ParseMemoryMax(text), std::nullopt) << text;
  }
}

TEST(Limits, OfThisProcessAreAboveZero) {
  EXPECT_GT(CpuQuota().value_or(1), 0);
  EXPECT_GT(MemoryLimit().value_or(64e6), 1e6);
}

}  // namespace
}  // namespace normbench
