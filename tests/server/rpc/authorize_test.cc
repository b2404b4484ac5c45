// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/authorize.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Authorizer, AllowsEverythingUntilItDrains) {
  Authorizer authorizer;
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, false).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kInfo, false).ok());
  EXPECT_FALSE(authorizer.draining());
}

TEST(Authorizer, DrainingRefusesWorkButStillAnswersQuestions) {
  Authorizer authorizer;
  authorizer.StartDraining();
  authorizer.StartDraining();
  const absl::Status refused = authorizer.Authorize(Access::kWork, false);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(refused.message(), "server is draining and takes no new work; try another one");
  EXPECT_EQ(authorizer.Authorize(Access::kOrder, false), refused);
  EXPECT_EQ(authorizer.Authorize(Access::kWork, /*own=*/true), refused);
  EXPECT_TRUE(authorizer.Authorize(Access::kInfo, false).ok());
}

TEST(Authorizer, IsReadyOnlyWhenToldSo) {
  Authorizer authorizer;
  EXPECT_FALSE(authorizer.ready());
  authorizer.SetReady(true);
  EXPECT_TRUE(authorizer.ready());
  authorizer.SetReady(false);
  EXPECT_FALSE(authorizer.ready());
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, false).ok()) << "it does not drain yet";
}

TEST(Authorizer, CountsTheWorkOfOthersDuringARun) {
  Authorizer authorizer;
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, false).ok());
  EXPECT_FALSE(authorizer.run_active());
  authorizer.BeginRun(OtherTraffic::kMark);
  EXPECT_TRUE(authorizer.run_active());
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, false).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, /*own=*/true).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kInfo, false).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kOrder, false).ok());
  EXPECT_EQ(authorizer.EndRun(), 1);
  EXPECT_FALSE(authorizer.run_active());
}

TEST(Authorizer, RefusesTheWorkOfOthersWhereARunAsksForThat) {
  Authorizer authorizer;
  authorizer.BeginRun(OtherTraffic::kRefuse);
  const absl::Status refused = authorizer.Authorize(Access::kWork, false);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, /*own=*/true).ok());
  EXPECT_TRUE(authorizer.Authorize(Access::kOrder, false).ok());
  EXPECT_EQ(authorizer.EndRun(), 0);
  EXPECT_TRUE(authorizer.Authorize(Access::kWork, false).ok());
}

}  // namespace
}  // namespace normbench
