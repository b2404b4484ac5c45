// SPDX-License-Identifier: Apache-2.0
#include "client/failure.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Fail, PrintsALineAndHasACodeForEachKind) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Fail(absl::CancelledError("stopped")), 130);
  EXPECT_EQ(Fail(absl::InvalidArgumentError("wrong")), 2);
  EXPECT_EQ(Fail(absl::NotFoundError("nowhere")), 2);
  EXPECT_EQ(Fail(absl::UnavailableError("gone")), 1);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "normbench: stopped\nnormbench: wrong\nnormbench: nowhere\nnormbench: gone\n");
}

TEST(WorstOf, TakesTheWorse) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(WorstOf(3, absl::OkStatus()), 3);
  EXPECT_EQ(WorstOf(3, absl::UnavailableError("gone")), 1);
  EXPECT_EQ(WorstOf(130, absl::UnavailableError("gone")), 130);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "normbench: gone\nnormbench: gone\n");
}

}  // namespace
}  // namespace normbench
