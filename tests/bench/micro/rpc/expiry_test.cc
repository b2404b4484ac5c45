// SPDX-License-Identifier: Apache-2.0
// With a server it is tested by limits_test.py.
#include "bench/micro/rpc/expiry.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace normbench {
namespace {

TEST(ExpiryLags, NeedsAServer) {
  const std::filesystem::path scratch = std::filesystem::path(testing::TempDir()) / "expiry_test";
  EXPECT_FALSE(ExpiryLags({.bin = "/nowhere", .scratch = scratch, .requests = 1}).ok());
  std::filesystem::remove_all(scratch);
}

}  // namespace
}  // namespace normbench
