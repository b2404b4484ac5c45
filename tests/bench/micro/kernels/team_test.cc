// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/team.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>

namespace normbench {
namespace {

using ::testing::Each;

TEST(Team, EveryMemberWorksOnceARound) {
  for (const int members : {1, 2, 3}) {
    Team team(members);
    ASSERT_EQ(team.members(), members);
    std::vector<int> work(members);
    for (int round = 0; round < 200; ++round) {
      team.Run([&](int member) { ++work[member]; });
    }
    EXPECT_THAT(work, Each(200));
  }
}

TEST(Team, WakesUpFromSleep) {
  Team team(2);
  std::array<int, 2> work{};
  for (int round = 0; round < 3; ++round) {
    team.Run([&](int member) { ++work[member]; });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_THAT(work, Each(3));
}

TEST(Team, EndsWithoutEverHavingWorked) {
  Team team(3);
}

}  // namespace
}  // namespace normbench
