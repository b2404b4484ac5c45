// SPDX-License-Identifier: Apache-2.0
#include "client/remote/follow.h"

#include <thread>

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FollowTest : public RunsServiceFixture {
 protected:
  absl::StatusOr<v1::Run> FollowRun(const std::string& id, double patience = 30) {
    return Follow(remote_, {.server = address_,
                            .run_id = id,
                            .patience_seconds = patience,
                            .stop = [this] { return stop_.load(); },
                            .on_event = [this](const v1::RunEvent& event) { See(event); }});
  }

  void See(const v1::RunEvent& event) {
    if (!event.has_queued() && !event.has_progress()) kept_.push_back(event.sequence());
    on_event_(event);
  }

  std::atomic<bool> stop_ = false;
  std::vector<int> kept_;  // sequences of kept events
  std::function<void(const v1::RunEvent&)> on_event_ = [](const v1::RunEvent&) {};
};

TEST_F(FollowTest, TellsEveryEventOnce) {
  StartRuns();
  const auto run = FollowRun(Submit());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->state(), "complete");
  EXPECT_THAT(kept_, ElementsAre(1, 2, 3));
}

TEST_F(FollowTest, GoesOnWhereTheServerComesBack) {
  HoldCases();
  StartRuns();
  std::thread restart;
  on_event_ = [&](const v1::RunEvent& event) {
    if (!event.has_case_started()) return;
    restart = std::thread([this] {
      StopListening();
      Release();  // what happens meanwhile is told later
      Listen();
    });
  };
  const auto run = FollowRun(Submit());
  restart.join();
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(kept_, ElementsAre(1, 2, 3));
}

TEST_F(FollowTest, GivesUpAServerThatStaysAway) {
  const std::string id = Submit();
  absl::Notification seen;
  on_event_ = [&seen](const v1::RunEvent&) {
    if (!seen.HasBeenNotified()) seen.Notify();
  };
  std::thread stop([&] {
    seen.WaitForNotification();
    StopListening();
  });
  const auto run = FollowRun(id, 0.3);
  stop.join();
  EXPECT_EQ(run.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(run.status().message()), HasSubstr("normbench watch " + id));
}

TEST_F(FollowTest, StopsWhenItIsTold) {
  on_event_ = [this](const v1::RunEvent&) { stop_ = true; };
  EXPECT_EQ(FollowRun(Submit()).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(FollowTest, SaysWhatTheServerSays) {
  EXPECT_EQ(FollowRun("nobody").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace normbench
