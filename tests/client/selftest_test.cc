// SPDX-License-Identifier: Apache-2.0
// Its faults are injected into real servers by tests/e2e/gate_test.py.
#include "client/selftest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(SelftestTest, SaysThatItCannotMeasure) {
  ::testing::internal::CaptureStderr();
  const int code = Selftest({.server = "sh -c 'echo no licence; exit 9'"},
                            {.allocator = "", .stop = [] { return false; }});
  EXPECT_EQ(code, 1);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("no licence"));
}

TEST(SelftestTest, IsStopped) {
  EXPECT_EQ(
      Selftest({.server = "sh -c 'sleep 100'"}, {.allocator = "", .stop = [] { return true; }}),
      130);
}

}  // namespace
}  // namespace normbench
