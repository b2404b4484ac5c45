// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/watch_stream.h"

#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

class WatchStreamTest : public RunsServiceFixture {
 protected:
  // Sequences of the kept events that a watcher gets, to the end.
  static std::vector<int> KeptOf(Watching& watching) {
    std::vector<int> kept;
    while (watching.Read()) {
      const bool passing = watching.event.has_queued() || watching.event.has_progress();
      if (!passing) kept.push_back(watching.event.sequence());
    }
    EXPECT_TRUE(watching.reader->Finish().ok());
    return kept;
  }
};

TEST_F(WatchStreamTest, TellsWhereTheRunStandsAndWhatHappens) {
  HoldCases();
  const std::string first = Submit();
  const std::string second = Submit();
  const auto watching = Watch(second);
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kQueued));
  EXPECT_EQ(watching->event.queued().position(), 1);
  StartRuns();
  entered_.WaitForNotification();
  Release();
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kCaseStarted));
  EXPECT_EQ(watching->event.sequence(), 1);
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kCaseResult));
  EXPECT_EQ(watching->event.case_result().status(), "ok");
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kFinished));
  EXPECT_EQ(watching->event.finished().state(), "complete");
  EXPECT_FALSE(watching->event.finished().has_report());
  EXPECT_FALSE(watching->Read());
  EXPECT_TRUE(watching->reader->Finish().ok());
  EXPECT_THAT(KeptOf(*Watch(first)), ElementsAre(1, 2, 3)) << "of one that is over";
}

TEST_F(WatchStreamTest, GoesOnBehindWhatWasSeen) {
  StartRuns();
  const std::string id = Submit();
  EXPECT_THAT(KeptOf(*Watch(id)), ElementsAre(1, 2, 3));
  EXPECT_THAT(KeptOf(*Watch(id, 1)), ElementsAre(2, 3));
  EXPECT_THAT(KeptOf(*Watch(id, 3)), ElementsAre());
}

TEST_F(WatchStreamTest, TellsHowFarItIs) {
  v1::SubmitRequest request = Small();
  request.mutable_sweep()->mutable_cases(0)->set_key(
      0, "service/rms?impl=torch&shape=1x4&dev=cpu&in_flight=1");
  request.mutable_sweep()->mutable_cases(0)->set_seconds(60);
  const std::string id = Submit(request);
  const auto watching = Watch(id);
  StartRuns();
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kProgress));
  EXPECT_EQ(watching->event.sequence(), 1) << "that of the kept event before it";
  EXPECT_NE(watching->event.progress().phase(), "");
  const auto has_samples = [](const v1::CaseProgress& progress) {
    return progress.phase() == "measure" && progress.samples() > 0;
  };
  while (!has_samples(watching->event.progress())) {
    ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kProgress)) << "of its samples nothing was told";
  }
  v1::CancelRequest cancel;
  cancel.set_run_id(id);
  ASSERT_TRUE(runs_->Cancel(cancel).ok());
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kFinished));
  EXPECT_FALSE(Watch(id)->ReadTo(v1::RunEvent::kProgress))
      << "of a run that is over nothing passes";
}

TEST_F(WatchStreamTest, AWatcherThatReadsNothingHoldsNobodyUp) {
  const std::string id = Submit();
  const auto silent = Watch(id);
  StartRuns();
  EXPECT_THAT(KeptOf(*Watch(id)), ElementsAre(1, 2, 3));
  EXPECT_THAT(KeptOf(*silent), ElementsAre(1, 2, 3));
}

TEST_F(WatchStreamTest, AWatcherThatGoesIsForgotten) {
  const std::string id = Submit();
  for (int i = 0; i < 300; ++i) {  // more than may watch at once
    const auto watching = Watch(id);
    EXPECT_TRUE(watching->Read());
    watching->context.TryCancel();
    EXPECT_EQ(watching->reader->Finish().error_code(), StatusCode::CANCELLED);
    // The server learns of it when it learns of it.
    while (metrics_.rpc("Watch").in_flight->Value() > 200) std::this_thread::yield();
  }
  StartRuns();
  EXPECT_THAT(KeptOf(*Watch(id)), ElementsAre(1, 2, 3));
}

TEST_F(WatchStreamTest, EndsWhereTheRunIsDeleted) {
  const std::string id = Submit();
  const auto watching = Watch(id);
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kQueued));
  v1::CancelRequest cancel;
  cancel.set_run_id(id);
  ASSERT_TRUE(runs_->Cancel(cancel).ok());
  EXPECT_TRUE(watching->ReadTo(v1::RunEvent::kFinished));
  v1::DeleteRequest remove;
  remove.set_run_id(id);
  ASSERT_TRUE(runs_->Delete(remove).ok());
  const auto late = Watch(id);
  EXPECT_FALSE(late->Read());
  EXPECT_EQ(late->reader->Finish().error_code(), StatusCode::NOT_FOUND);
}

TEST_F(WatchStreamTest, TheServerThatStopsSaysSo) {
  const std::string id = Submit();
  const auto watching = Watch(id);
  ASSERT_TRUE(watching->ReadTo(v1::RunEvent::kQueued));
  runs_->Stop();
  EXPECT_FALSE(watching->Read());
  EXPECT_EQ(watching->reader->Finish().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(WatchStreamTest, SoManyMayWatchAtOnce) {
  const std::string id = Submit();
  std::vector<std::unique_ptr<Watching>> all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(Watch(id));
    EXPECT_TRUE(all.back()->Read());
  }
  const auto one_more = Watch(id);
  EXPECT_FALSE(one_more->Read());
  EXPECT_EQ(one_more->reader->Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace normbench
