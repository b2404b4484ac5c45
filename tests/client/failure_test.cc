// SPDX-License-Identifier: Apache-2.0
#include "client/failure.h"

#include <gtest/gtest.h>

#include <string>

namespace normbench {
namespace {

class FailureTest : public ::testing::Test {
 protected:
  FailureTest() { ::testing::internal::CaptureStderr(); }
  std::string said() { return ::testing::internal::GetCapturedStderr(); }
};

TEST_F(FailureTest, EveryKindHasItsCode) {
  EXPECT_EQ(Fail(absl::InvalidArgumentError("a")), 2);
  EXPECT_EQ(Fail(absl::NotFoundError("b")), 2);
  EXPECT_EQ(Fail(absl::UnavailableError("c")), 1);
  EXPECT_EQ(Fail(absl::CancelledError("d")), 130);
  EXPECT_EQ(said(), "normbench: a\nnormbench: b\nnormbench: c\nnormbench: d\n");
}

TEST_F(FailureTest, TheWorseOfTwoCounts) {
  EXPECT_EQ(WorstOf(3, absl::OkStatus()), 3);
  EXPECT_EQ(WorstOf(3, absl::InternalError("disk full")), 1);
  EXPECT_EQ(WorstOf(130, absl::InternalError("disk full")), 130);
  EXPECT_EQ(said(), "normbench: disk full\nnormbench: disk full\n");
}

}  // namespace
}  // namespace normbench
