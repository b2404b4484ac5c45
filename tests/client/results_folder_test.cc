// SPDX-License-Identifier: Apache-2.0
#include "client/results_folder.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(ResultsFolder, IsTheUsersOrNamedAfterTheRun) {
  EXPECT_EQ(ResultsFolder("mine", "2026-01-31T12:00:00Z", "0f6d4a3e-3c1b"), "mine");
  EXPECT_EQ(ResultsFolder("", "2026-01-31T12:00:00Z", "0f6d4a3e-3c1b"),
            "normbench-results/20260131T120000Z-0f6d4a3e");
}

}  // namespace
}  // namespace normbench
