// SPDX-License-Identifier: Apache-2.0
#include "server/memory_size.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

TEST(MemorySize, ParsesAmountsWithUnits) {
  EXPECT_EQ(*ParseMemorySize("1B"), 1);
  EXPECT_EQ(*ParseMemorySize("20KB"), 20'000);
  EXPECT_EQ(*ParseMemorySize("768MB"), 768'000'000);
  EXPECT_EQ(*ParseMemorySize("4GB"), 4'000'000'000);
  EXPECT_EQ(*ParseMemorySize("1KiB"), 1024);
  EXPECT_EQ(*ParseMemorySize("1.5GiB"), 1'610'612'736);
}

TEST(MemorySize, RefusesEverythingElse) {
  for (const char* text : {"", "768", "MB", "-1GB", "1e3MB", "4gb", "4 GB", "1..5GB", "0GB", ".GB",
                           "0.1B", "9999999999GB", "nanGB", "1TB"}) {
    const auto bytes = ParseMemorySize(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(bytes.status().message()),
                ::testing::StartsWith("'" + std::string(text) + "' is not an amount of memory"));
  }
}

TEST(MemorySize, FormatsWithThreeDigits) {
  EXPECT_EQ(FormatMemorySize(999), "999 B");
  EXPECT_EQ(FormatMemorySize(1500), "1.5 KB");
  EXPECT_EQ(FormatMemorySize(768'000'000), "768 MB");
  EXPECT_EQ(FormatMemorySize(4'129'000'000), "4.13 GB");
  EXPECT_EQ(FormatMemorySize(2'000'000'000'000'000), "2000000 GB");
}

}  // namespace
}  // namespace normbench
