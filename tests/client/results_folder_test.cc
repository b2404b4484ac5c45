// SPDX-License-Identifier: Apache-2.0
#include "client/results_folder.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(ResultsFolderTest, IsTheUsersOrOneOfItsOwn) {
  EXPECT_EQ(ResultsFolder("mine", "2026-11-30T16:00:35Z", "0123456789"), "mine");
  EXPECT_EQ(ResultsFolder("", "2026-11-30T16:00:35Z", "0123456789"),
            "normbench-results/20261130T160035Z-01234567");
}

}  // namespace
}  // namespace normbench
