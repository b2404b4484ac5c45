// SPDX-License-Identifier: Apache-2.0
// Its faults are injected into real servers by tests/e2e/gate_test.py.
#include "client/selftest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(SelftestTest, SaysThatItCannotMeasure) {
  ::testing::internal::CaptureStdout();
  const int code = Selftest({.server = "sh -c 'echo no licence; exit 9'"},
                            {.allocator = "", .stop = [] { return false; }});
  const std::string said = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 1);
  EXPECT_THAT(said, AllOf(StartsWith("none          expected exit 0   FAILED, exit 1"),
                          HasSubstr("no licence"), HasSubstr("exit 1\n")));
  EXPECT_THAT(said, Not(HasSubstr("mean"))) << "the next one would do no better";
}

TEST(SelftestTest, KnowsItsFaults) {
  ::testing::internal::CaptureStdout();
  Selftest({.server = "sh -c 'exit 9'", .faults = {"client stall"}},
           {.allocator = "", .stop = [] { return false; }});
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              StartsWith("client stall  expected exit 6"));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Selftest({.server = "sh -c 'exit 9'", .faults = {"tail", "tale"}},
                     {.allocator = "", .stop = [] { return false; }}),
            2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("--fault: 'tale'; allowed: none, mean, tail, cpu, numeric, client stall"));
}

TEST(SelftestTest, IsStopped) {
  EXPECT_EQ(
      Selftest({.server = "sh -c 'sleep 100'"}, {.allocator = "", .stop = [] { return true; }}),
      130);
}

}  // namespace
}  // namespace normbench
