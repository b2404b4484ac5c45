// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/authorize.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Authorizer, AllowsEverythingUntilItDrains) {
  Authorizer authorizer;
  EXPECT_TRUE(authorizer.Authorize(Access::kWork).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kInfo).ok());
  EXPECT_FALSE(authorizer.draining());
}

TEST(Authorizer, DrainingRefusesWorkButStillAnswersQuestions) {
  Authorizer authorizer;
  authorizer.StartDraining();
  authorizer.StartDraining();
  const absl::Status refused = authorizer.Authorize(Access::kWork);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(refused.message(), "server is draining and takes no new work; try another one");
  EXPECT_TRUE(authorizer.Authorize(Access::kInfo).ok());
}

}  // namespace
}  // namespace normbench
