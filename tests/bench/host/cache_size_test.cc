// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cache_size.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

TEST(LastLevelCacheBytes, IsThatOfAMachineOfThisCentury) {
  EXPECT_GE(LastLevelCacheBytes(), 256 << 10);
  EXPECT_LE(LastLevelCacheBytes(), int64_t{16} << 30);
}

// The last level of a CPU of many chiplets is a tenth of what its socket has.
TEST(LastLevelCacheBytes, IsTheLargestThatTheKernelNames) {
  const std::filesystem::path folder = ::testing::TempDir() + "caches";
  const char* const sizes[] = {"32K\n", "32K\n", "1024K\n", "32M\n"};
  for (int i = 0; i < 4; ++i) {
    const std::filesystem::path index = folder / ("index" + std::to_string(i));
    std::filesystem::create_directories(index);
    std::ofstream(index / "size") << sizes[i];
  }
  EXPECT_EQ(LastLevelCacheBytes(folder), 32 << 20);
  std::ofstream(folder / "index3" / "size") << "49152K\n";
  EXPECT_EQ(LastLevelCacheBytes(folder), 48 << 20);
  std::filesystem::remove_all(folder);
  EXPECT_GE(LastLevelCacheBytes(folder), 256 << 10) << "nothing there: the C library says";
}

}  // namespace
}  // namespace normbench
