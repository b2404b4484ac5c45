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

TEST(Authorizer, IsReadyOnlyWhenToldSo) {
  Authorizer authorizer;
  EXPECT_FALSE(authorizer.ready());
  authorizer.SetReady(true);
  EXPECT_TRUE(authorizer.ready());
  authorizer.SetReady(false);
  EXPECT_FALSE(authorizer.ready());
  EXPECT_TRUE(authorizer.Authorize(Access::kWork).ok()) << "it does not drain yet";
}

}  // namespace
}  // namespace normbench
