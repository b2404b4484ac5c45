// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

TEST(WorkTest, ThereIsOneForEachThingARequestNeeds) {
  const auto works = AllWorks(/*memory_bytes=*/1e9);
  ASSERT_TRUE(works.ok()) << works.status();
  std::vector<std::string> names;
  for (const Work& work : *works) {
    names.push_back(work.name);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(work.once().ok()) << work.name;
  }
  EXPECT_THAT(names, ::testing::ElementsAre("compute", "copy", "round trip"));
}

// A piece that ended beyond the buffers would be seen by AddressSanitizer.
TEST(WorkTest, ACopyBeginsAgainAtTheEnd) {
  const Work copy = CopyWork(9 * kMebibyte);
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(copy.once().ok());
}

TEST(WorkTest, CopiesMoreThanTheCacheHolds) {
  EXPECT_EQ(CopyBytes(32 * kMebibyte, 16e9), 64 * kMebibyte);
}

TEST(WorkTest, CopiesNoMoreThanIsSensible) {
  EXPECT_EQ(CopyBytes(1024 * kMebibyte, 16e9), 128 * kMebibyte);
  EXPECT_EQ(CopyBytes(32 * kMebibyte, 256.0 * kMebibyte), 32 * kMebibyte);
  EXPECT_EQ(CopyBytes(32 * kMebibyte, 0), 4 * kMebibyte);
  EXPECT_EQ(CopyBytes(kMebibyte, 16e9), 4 * kMebibyte);
}

}  // namespace
}  // namespace normbench
