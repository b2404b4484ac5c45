// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cache_size.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(LastLevelCacheBytes, IsThatOfAMachineOfThisCentury) {
  EXPECT_GE(LastLevelCacheBytes(), 256 << 10);
  EXPECT_LE(LastLevelCacheBytes(), int64_t{16} << 30);
}

}  // namespace
}  // namespace normbench
